# frozen_string_literal: true

require_relative "reader"
begin
  require "msgpack"
rescue LoadError
  nil # {Reader} does it all
end

module DJRedis
  # Composite values from the library: read by {Native}, without it by the gem msgpack where that is installed, and what
  # these leave by {Reader}, which knows them all and takes ten times as long.
  # @private
  module Composite
    # @param data [String] one value, perhaps with the stored payload behind it
    # @param replies [Boolean] replies of Redis: strings are text where they are UTF-8
    def self.load(data, replies: false)
      return Reader.load(data, replies: true) if replies

      Native.on? ? Native.unpack(data) : read(data)
    end

    # The same without {Native}.
    def self.read(data)
      FACTORY ? unpack(data) : Reader.load(data)
    end

    def self.unpack(data)
      unpacker = FACTORY.unpacker
      unpacker.feed(data)
      value = unpacker.read
      unpacker.buffer.empty? ? value : Payload.behind(value, unpacker.read, data)
    rescue MessagePack::UnpackError, EOFError # it is nested more deeply than the gem goes, say
      Reader.load(data)
    end

    # Extensions, even nested ones, are read without the gem, which would need a deeper stack for a deeper value.
    def self.factory
      return unless defined?(MessagePack::Factory)

      MessagePack::Factory.new.tap do |factory|
        Extensions::ALL.each do |number|
          factory.register_type(number, Class.new, packer: nil, unpacker: ->(data) { Reader.extension(number, data) })
        end
      end
    end
    private_class_method :unpack, :factory

    FACTORY = factory
  end
end
