# frozen_string_literal: true

require_relative "lib/djredis/version"

Gem::Specification.new do |gem|
  gem.name = "djredis"
  gem.version = DJRedis::VERSION
  gem.summary = "Django's Redis cache for Ruby"
  gem.description = "Reads and writes the Redis cache of a Django site that uses django-redis: the same keys, the same " \
                    "values, typed, over one Rust library."
  gem.authors = ["The libdjredis authors"]
  gem.licenses = ["MIT", "Apache-2.0"]
  gem.required_ruby_version = ">= 2.7"
  # The library itself stands beside the Ruby files in a packaged gem; in a checkout it comes from `make build`.
  gem.files = Dir.chdir(__dir__) { Dir["lib/**/*.{rb,so,dylib}", "sig/**/*.{rbs,yaml}", "README.md", ".yardopts"] }
  gem.metadata["rubygems_mfa_required"] = "true"
  gem.require_paths = ["lib"]
  gem.add_dependency "bigdecimal"
  gem.add_dependency "ffi", ">= 1.15"
  gem.add_dependency "logger"
end
