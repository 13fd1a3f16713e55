# frozen_string_literal: true

module DJRedis
  # An object of a Python class that djredis does not know, a Django model, say: its class's name and what it is made
  # of, as data. The class is never looked up and no code is run. docs/values.md, section 4, has the fields.
  #
  # A value with records that was read and not changed is written back byte for byte.
  class Record
    FIELDS = %w[class args state how module base kwargs items entries].freeze
    private_constant :FIELDS

    # @param class_name [String] "module.Class"
    # @param args [Array, nil] what the object is made from; nil for the class itself
    # @param state [Object] its fields, most often a Hash
    # @param more [Hash{Symbol => Object}] how, module, base, kwargs, items, entries
    # @raise [ArgumentError] for what a record does not have
    def initialize(class_name, args = [], state = nil, **more)
      @fields = { "class" => class_name, "args" => args, "state" => state }
      more.each { |name, value| @fields[name.to_s] = value }
      unknown = @fields.keys - FIELDS
      raise ArgumentError, "a record has no #{unknown.first}; it has #{FIELDS.join(', ')}" unless unknown.empty?
    end

    # @private
    def self.from_fields(fields)
      allocate.tap { |record| record.instance_variable_set(:@fields, fields) }
    end

    # The name of the class: "shop.models.Point"; a Record for what is no plain class.
    # @return [String, Record]
    def class_name
      @fields["class"]
    end

    # @return [Array, nil] what the object is made from; nil: this is the class itself
    def args
      @fields["args"]
    end

    # @return [Object] the fields, most often a Hash
    def state
      @fields["state"]
    end

    # A field of the object: an entry of its state.
    # @param name [String, Symbol]
    # @return [Object, nil]
    def [](name)
      state.is_a?(Hash) ? state[name.to_s] : nil
    end

    # All that the record has, by the names of docs/values.md.
    # @return [Hash{String => Object}]
    def to_h
      @fields.dup
    end

    # @param other [Object]
    # @return [Boolean]
    def ==(other)
      other.is_a?(Record) && to_h == other.to_h
    end
    alias eql? ==

    # @return [Integer]
    def hash
      @fields.hash
    end

    # @return [String]
    def inspect
      "#<#{self.class} #{class_name} #{state.nil? ? args.inspect : state.inspect}>"
    end
  end
end
