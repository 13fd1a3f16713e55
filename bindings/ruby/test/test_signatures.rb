# frozen_string_literal: true

require_relative "helper"
require_relative "support/signatures"

# sig/ is valid, and has all public methods with the parameters that they have. `rake test:types` runs tests under it.
class TestSignatures < Minitest::Test
  ENVIRONMENT = Signatures.environment
  BUILDER = RBS::DefinitionBuilder.new(env: ENVIRONMENT)
  PRIVATE = %i[ABI Arguments BY_STATUS Calls Composite Extensions Failure Interrupts Keys Library Native Options OwnSerializer Payload Reader Scan Serialized
               Slots Texts Values Writer WriterTypes].freeze
  # Marked @private: other files of the gem call them.
  HIDDEN = {
    "DJRedis::Batch" => %i[encode results missing failure], "DJRedis::Connection" => %i[acquire release], "DJRedis::Lock" => %i[take hold],
    "DJRedis::Pipeline" => %i[commands], "DJRedis::Error" => %i[status= stored= found= retryable=], "DJRedis::Default" => %i[inspect],
    "DJRedis::Ellipsis" => %i[inspect]
  }.freeze

  def classes
    (DJRedis.constants - PRIVATE).map { |name| DJRedis.const_get(name) }.grep(Class)
  end

  def definition(klass)
    BUILDER.build_instance(Signatures.type_name(klass.name))
  end

  def test_they_are_valid
    names = ENVIRONMENT.class_decls.keys.select { |name| name.to_s.start_with?("::DJRedis") }
    assert_operator names.size, :>, 30
    names.each do |name|
      BUILDER.build_instance(name).each_type { |type| refute_nil type }
      BUILDER.build_singleton(name)
    end
  end

  def test_every_class_has_one
    missing = classes.reject { |klass| ENVIRONMENT.class_decls.key?(Signatures.type_name(klass.name)) }
    assert_empty missing
  end

  def test_every_public_method_has_one
    classes.each do |klass|
      known = definition(klass).methods
      missing = klass.public_instance_methods(false).reject { |name| known.key?(name) } - HIDDEN.fetch(klass.name, [])
      assert_empty missing, klass.name
    end
  end

  def test_every_signature_has_its_method
    classes.each do |klass|
      declared = definition(klass).methods.select { |_, method| method.implemented_in.to_s == "::#{klass.name}" }
      missing = declared.keys.reject { |name| klass.method_defined?(name) || klass.private_method_defined?(name) }
      assert_empty missing, klass.name
    end
  end

  def test_single_and_batched_methods_take_the_same
    (DJRedis::Batch.public_instance_methods(false) - %i[size encode results missing failure]).each do |name|
      assert_equal DJRedis::Cache.instance_method(name).parameters, DJRedis::Batch.instance_method(name).parameters, name
    end
  end

  def test_keywords_are_the_same
    [DJRedis::Cache, DJRedis::Batch, DJRedis::Lock, DJRedis::Connection].each do |klass|
      known = definition(klass).methods
      (klass.public_instance_methods(false) - HIDDEN.fetch(klass.name, [])).each do |name|
        found = klass.instance_method(name).parameters.select { |kind, _| kind == :key }.map(&:last)
        known[name].defs.each { |one| assert_equal found.sort, one.type.type.optional_keywords.keys.sort, "#{klass}##{name}" }
      end
    end
  end
end
