# frozen_string_literal: true

require "ffi"
require "rbconfig"
require_relative "abi"

module DJRedis
  # Finds libdjredis, loads it, and has its functions.
  # @private
  module Library
    extend FFI::Library

    MAC = RbConfig::CONFIG["host_os"].include?("darwin")
    FILE_NAME = MAC ? "libdjredis.dylib" : "libdjredis.so"
    HERE = __dir__
    ROOT = File.expand_path("../../../..", HERE)

    # Where the library may be, best first: what the program names, this gem, the source tree, the system.
    def self.candidates
      named = ENV["DJREDIS_LIBRARY"]
      return [named] if named && !named.empty?

      found = [File.join(HERE, FILE_NAME)]
      found << File.join(ROOT, "target", "release", FILE_NAME) if File.exist?(File.join(ROOT, "Cargo.toml"))
      # Without a directory the system's loader looks for it.
      found << (MAC ? FILE_NAME : "#{FILE_NAME}.#{ABI::NUMBER}")
    end

    def self.load
      failures = []
      candidates.each do |path|
        if path.include?("/") && !File.exist?(path)
          failures << "#{path}: no such file"
        else
          return bind(path)
        end
      rescue FFI::NotFoundError, ::LoadError => error
        raise if error.is_a?(WrongLibrary)

        failures << "#{path}: #{error.message}"
      end
      raise ::LoadError, "libdjredis was not found. Reinstall djredis, run `make build` in its source tree, or set " \
                         "DJREDIS_LIBRARY to the path of libdjredis.so. Tried: #{failures.join('; ')}"
    end

    # A library was found that is not the one of this gem.
    class WrongLibrary < ::LoadError; end

    # Checks that the library and the tables of this gem belong together, and attaches the functions.
    def self.bind(path)
      ffi_lib path
      attach_function :found_abi, :djredis_abi, [], :uint32
      if found_abi != ABI::NUMBER
        raise WrongLibrary, "#{path} has ABI #{found_abi}, and this djredis needs ABI #{ABI::NUMBER}: " \
                            "install the two in one version"
      end
      ABI::PROTOTYPES.each { |name, (arguments, result, waits)| attach_function name, arguments, result, blocking: waits }
    rescue FFI::NotFoundError => error
      raise WrongLibrary, "#{path} is older than this djredis, or no libdjredis: #{error.message}"
    end
    private_class_method :candidates, :load, :bind

    load
  end
end
