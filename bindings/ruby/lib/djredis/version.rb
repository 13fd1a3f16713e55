# frozen_string_literal: true

module DJRedis
  # The version of this gem; the library it loads has the same.
  VERSION = "0.1.0"
end
