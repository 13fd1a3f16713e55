# frozen_string_literal: true

require_relative "failure"
require_relative "interrupts"

module DJRedis
  # Slots: the djredis_value structs that take what a call gives back.
  #
  # They wait in one queue. A call takes one for itself alone and gives it back when it has copied the contents, so a
  # trap handler or a finalizer that uses a cache in between gets another one.
  # @private
  module Slots
    # A slot keeps a buffer up to this size for the next call; a larger one is freed at once.
    KEPT_BYTES = 64 << 10

    # Where the fields of a djredis_value stand.
    TYPE = 0
    FLAGS = 4
    INTEGER = 8
    REAL = 16
    DATA = 24
    LEN = 32

    # A Queue, since a Mutex is forbidden in trap handlers.
    FREE = Queue.new

    # @yieldparam slot [FFI::MemoryPointer] a slot that nobody else uses
    def self.use
      slot = take
      begin
        yield slot
      ensure
        give(slot)
      end
    end

    def self.take
      FREE.pop(true)
    rescue ThreadError # none is free: as many are made as there ever are calls at once
      FFI::MemoryPointer.new(ABI::VALUE_SIZE)
    end

    # @param slot [FFI::MemoryPointer, nil] nil where a Timeout came before there was one
    def self.give(slot)
      return if slot.nil?

      Library.djredis_value_clear(slot) if slot.get_uint64(LEN) > KEPT_BYTES
      FREE.push(slot)
    end

    # A copy of the bytes in the slot.
    def self.content(slot)
      size = slot.get_uint64(LEN)
      size.zero? ? String.new : slot.get_pointer(DATA).get_bytes(0, size)
    end

    # Why a call failed.
    # @return [Failure]
    def self.failure(status, slot)
      stored = status == ABI::ERR_DECODE ? slot.get_int64(INTEGER) : 0
      stored = stored.positive? ? slot.get_pointer(DATA).get_bytes(slot.get_uint64(LEN), stored) : ""
      Failure.new(status, slot.get_uint32(FLAGS), content(slot), stored)
    end
  end
end
