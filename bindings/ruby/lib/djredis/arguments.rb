# frozen_string_literal: true

module DJRedis
  # The arguments of a command.
  # @private
  module Arguments
    # @return [Array<String>]
    def self.encode(arguments)
      raise ArgumentError, "a command needs a name" if arguments.empty?

      arguments.map do |argument|
        case argument
        when String then argument
        when Symbol, Integer, Float then argument.to_s
        else raise ArgumentError, "an argument of a command is a String, Symbol or number, not #{argument.class}"
        end
      end
    end
  end
end
