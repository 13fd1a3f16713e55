# frozen_string_literal: true

module DJRedis
  # Anything that djredis refuses or that fails in Redis. Its message is a sentence without passwords.
  #
  # Each status of the C library has a class of its own below this one.
  class Error < StandardError
    # The number of the status in djredis.h.
    STATUS = 0

    # @private
    attr_writer :status, :stored, :found, :retryable

    # @return [Integer] the number of the status in djredis.h
    def status
      @status || self.class::STATUS
    end

    # @return [String] {DecodeError}: the bytes that can't be read, as they stand in Redis (with a serializer of one's
    #   own: decompressed). Empty for other errors
    def stored
      @stored || ""
    end

    # @return [Hash] of get_many: the values that could be read, by key. Empty for other methods
    def found
      @found || {}
    end

    # Whether the server has certainly executed nothing, so that trying again is safe even for a write.
    # @return [Boolean]
    def retryable?
      @retryable || false
    end
  end

  # A lock could not be taken, or was not ours any more.
  class LockError < Error
    # The number of the status in djredis.h.
    STATUS = 1
  end

  # Somebody else has the lock, and had it for as long as we were ready to wait.
  class LockTakenError < LockError; end

  # The lock's time was over before it was released: somebody else may have worked at the same time.
  class LockLostError < LockError; end
end
