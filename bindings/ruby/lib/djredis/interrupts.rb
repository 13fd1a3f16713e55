# frozen_string_literal: true

require_relative "library"

module DJRedis
  # Ends a wait for Thread#raise, Timeout, Ctrl-C and Thread#kill, and for nothing else.
  #
  # Ruby wakes a thread that waits without the GVL by a signal. The library then asks CHECK, on that thread, which runs
  # trap handlers and takes what others have raised. No exception may leave CHECK, since it would jump over the
  # library's frames and lose the connection; it is kept, and raised when the call has returned.
  #
  # What remains: FFI gives the GVL back after CHECK with a look at interrupts of its own. One that comes in that
  # microsecond, after a signal that meant nothing, does jump; one connection of the pool is lost then.
  # @private
  module Interrupts
    GO_ON = 0
    STOP = 1
    KEPT = :djredis_interrupt

    # Thread#kill can't be rescued, so it has to wait until the call has returned. Ruby queues it as an Integer.
    KILL_LATER = { Integer => :never }.freeze

    # @yield one call of the library that may wait
    def self.guard(&call)
      Thread.handle_interrupt(KILL_LATER, &call)
    end

    # What ended this thread's last wait, once.
    # @return [Exception, nil]
    def self.take
      kept = Thread.current[KEPT]
      Thread.current[KEPT] = nil if kept
      kept
    end

    def self.check
      # Looks for interrupts as any blocking call of Ruby does, Thread.handle_interrupt's :on_blocking included.
      sleep(0)
      # What is still there is a Thread#kill, or deferred by the program: it is for after the call.
      Thread.current.pending_interrupt? ? STOP : GO_ON
    rescue Exception => error # rubocop:disable Lint/RescueException
      Thread.current[KEPT] = error
      STOP
    end

    # Held for ever: the library may ask it at any time.
    CHECK = FFI::Function.new(:int32, [:pointer]) { check }
    Library.djredis_set_interrupt_check(CHECK, nil)
  end
end
