# frozen_string_literal: true

# Required before djredis: from then on each call of a public method that returns is held to its signature in sig/. Calls
# that raise may well have had wrong arguments: that is what those tests are for.

require "rbs"
require "rbs/test"

RBS.logger_level = "error"

# All that the signatures know, and what is installed for the classes of djredis.
module Signatures
  FOLDER = File.expand_path("../../sig", __dir__)
  LIBRARIES = %w[bigdecimal date logger monitor set].freeze

  # Only what returned counts.
  module Returned
    def call(receiver, trace)
      super if trace.method_call.return?
    end
  end
  RBS::Test::Tester::MethodCallTester.prepend(Returned)

  def self.environment
    loader = RBS::EnvironmentLoader.new
    LIBRARIES.each { |name| loader.add(library: name, version: nil) }
    loader.add(path: Pathname(FOLDER))
    RBS::Environment.from_loader(loader).resolve_type_names
  end

  def self.type_name(text)
    RBS::Namespace.parse("::#{text}").to_type_name
  end

  # Installs the checks for every class of djredis that the signatures have, as it is loaded.
  def self.install
    env = environment
    tester = RBS::Test::Tester.new(env: env)
    TracePoint.trace(:end) do |point|
      name = Module.instance_method(:name).bind_call(point.self)
      known = name&.start_with?("DJRedis") && env.class_decls.key?(type_name(name))
      tester.install!(point.self, sample_size: 100, unchecked_classes: []) if known
    end
    tester
  end
end
