# frozen_string_literal: true

require_relative "interrupts"

module DJRedis
  # Why one call of the library failed: the status, the flags of its slot, the sentence, and the bytes that can't be read.
  # @private
  class Failure < Struct.new(:status, :flags, :text, :stored)
    # The sentence.
    # @return [String]
    def message
      text.force_encoding(Encoding::UTF_8).scrub
    end

    # What to raise: what interrupted the call, or the error.
    # @return [Exception]
    def exception
      interrupt = Interrupts.take if status == ABI::ERR_INTERRUPTED
      interrupt || error
    end

    private

    def error
      error = BY_STATUS.fetch(status, Error).new(message)
      error.status = status
      error.retryable = flags & ABI::NOT_SENT != 0
      error.stored = stored unless stored.empty?
      error
    end
  end
end
