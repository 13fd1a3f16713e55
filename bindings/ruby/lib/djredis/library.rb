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
      named = ENV.fetch("DJREDIS_LIBRARY", "")
      return [named] unless named.empty?

      found = [File.join(HERE, FILE_NAME)]
      found << File.join(ROOT, "target", "release", FILE_NAME) if File.exist?(File.join(ROOT, "Cargo.toml"))
      # Without a directory the system's loader looks for it.
      found << (MAC ? FILE_NAME : "#{FILE_NAME}.#{ABI::NUMBER}")
    end

    class << self
      # @return [String] which one is loaded
      attr_reader :path
    end

    def self.load
      failures = candidates.map do |path|
        next "#{path}: no such file" if path.include?("/") && !File.exist?(path)

        return bind(path) if (failure = refusal(path)).nil?

        "#{path}: #{failure}"
      end
      raise ::LoadError, "libdjredis could not be loaded. Run `make build` in its source tree or `make install`, or set " \
                         "DJREDIS_LIBRARY to the path of a libdjredis.so for this machine " \
                         "(#{RbConfig::CONFIG['arch']}). Tried: #{failures.join('; ')}"
    end

    # @return [String, nil] why it can't be opened
    def self.refusal(path)
      ffi_lib path
      nil
    rescue ::LoadError => error
      another_machine?(path) ? "built for another machine" : error.message
    end

    # The system's loader says of such a file that it does not exist.
    def self.another_machine?(path)
      kinds = [path, RbConfig.ruby].map { |file| File.binread(file, 20).to_s.unpack("a4Cx13S") }
      kinds.all? { |magic, _, _| magic == "\x7FELF".b } && kinds.uniq.size > 1
    rescue SystemCallError
      false
    end

    # Checks that the library and the tables of this gem belong together, and attaches the functions.
    def self.bind(path)
      attach("djredis_abi", path, "is no libdjredis")
      if djredis_abi != ABI::NUMBER
        raise ::LoadError, "#{path} has ABI #{djredis_abi}, and this djredis needs ABI #{ABI::NUMBER}: install the two in " \
                           "one version"
      end
      (ABI::PROTOTYPES.keys - [:djredis_abi]).each do |name|
        attach(name, path, "is older than this djredis: install the two in one version")
      end
      @path = path
    end

    def self.attach(name, path, otherwise)
      arguments, result, waits = ABI::PROTOTYPES.fetch(name.to_sym)
      attach_function name, arguments, result, blocking: waits
    rescue FFI::NotFoundError => error
      raise ::LoadError, "#{path} #{otherwise} (#{error.message})"
    end
    private_class_method :candidates, :load, :refusal, :another_machine?, :bind, :attach

    load
  end
end
