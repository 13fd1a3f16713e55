# frozen_string_literal: true

require_relative "library"

module DJRedis
  # Ends a wait for Thread#raise, Timeout, Thread#kill and Ctrl-C, and for nothing else.
  #
  # Ruby wakes a thread that waits without the GVL by a signal. The library then asks CHECK, on that thread. Nothing may
  # jump out of CHECK, since it would jump over the library's frames and leave a connection and locks behind. So what
  # other threads send, which may be a kill or (Timeout in Ruby 3.1) a throw, is put off until the call has returned: all
  # that CHECK has to know is whether there is something. Trap handlers run in CHECK; what they raise is kept.
  #
  # {Native}'s methods are guarded in the same way, and CHECK is asked there too.
  #
  # What remains: Ruby gives the GVL away after CHECK with a look at signals of its own. A handler that runs in that
  # microsecond, after a signal that meant nothing, and raises, does jump.
  # @private
  module Interrupts
    GO_ON = 0
    STOP = 1
    KEPT = :djredis_interrupt

    # Object: Ruby queues a kill as an Integer.
    LATER = { Object => :never }.freeze

    # @yield one call of the library that may wait
    # @yieldparam slot [FFI::MemoryPointer] as it was given
    def self.guard(slot = nil)
      Thread.handle_interrupt(LATER) { yield slot }
    end

    # What ended this thread's last wait, once. Raises it, if it comes from another thread.
    # @return [Exception, nil]
    def self.take
      kept = Thread.current[KEPT]
      Thread.current[KEPT] = nil if kept
      sleep(0) # where a program allows interrupts only while blocking, it does here
      kept
    end

    # @return [Integer] the answer to the library
    def self.check
      answer = STOP
      begin
        sleep(0) # runs trap handlers
        answer = GO_ON unless Thread.current.pending_interrupt?
      rescue Exception => error # rubocop:disable Lint/RescueException
        Thread.current[KEPT] = error
      end
    ensure
      # Also where a handler throws: the throw ends here, and the call with an InterruptedError.
      return answer # rubocop:disable Lint/EnsureReturn
    end

    # Held for ever: the library may ask it at any time.
    CHECK = FFI::Function.new(:int32, [:pointer]) { check }
    Library.djredis_set_interrupt_check(CHECK, nil)
  end
end
