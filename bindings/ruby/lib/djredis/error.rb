# frozen_string_literal: true

module DJRedis
  # Anything that djredis refuses or that fails in Redis. Its message is a sentence without passwords.
  #
  # Each status of the C library has a class of its own below this one.
  class Error < StandardError
    # @return [Integer] the number of the status in djredis.h
    attr_writer :status

    # @return [String] DecodeError: the bytes that can't be read, as they stand in Redis. Empty for other errors.
    attr_writer :stored

    # @return [Hash] get_many: the values that could be read, by key. Empty for other errors.
    attr_writer :found

    # @private
    attr_writer :retryable

    def status
      @status || self.class::STATUS
    end

    def stored
      @stored || ""
    end

    def found
      @found || {}
    end

    # Whether the server has certainly executed nothing, so that trying again is safe even for a write.
    def retryable?
      @retryable || false
    end

    # @private
    STATUS = 0
  end

  # A lock could not be taken, or was not ours any more.
  class LockError < Error
    STATUS = 1
  end

  # Somebody else has the lock, and had it for as long as we were ready to wait.
  class LockTakenError < LockError; end

  # The lock's time was over before it was released: somebody else may have worked at the same time.
  class LockLostError < LockError; end
end
