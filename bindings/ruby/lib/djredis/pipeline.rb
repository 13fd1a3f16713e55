# frozen_string_literal: true

require_relative "arguments"

module DJRedis
  # Commands that are sent together; see {Connection#pipelined}.
  class Pipeline
    # @private
    attr_reader :commands

    # @private
    def initialize
      @commands = []
    end

    # Adds a command. Its reply is one of those that the pipeline returns.
    # @param args [Array<String, Symbol, Numeric>] the command's name and its arguments
    # @return [nil]
    # @raise [ArgumentError] for other arguments
    def call(*args)
      @commands << Arguments.encode(args)
      nil
    end
  end
end
