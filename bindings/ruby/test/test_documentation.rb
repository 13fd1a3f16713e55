# frozen_string_literal: true

require_relative "helper"
require "yard"

# The documentation of the public interface, as YARD reads it: all of it, with types.
class TestDocumentation < Minitest::Test
  def setup
    YARD::Registry.clear
    YARD::Logger.instance.io = @log = StringIO.new
    YARD.parse(Dir[File.expand_path("../lib/**/*.rb", __dir__)])
  end

  def teardown
    YARD::Logger.instance.io = $stderr
  end

  def public_objects(*kinds)
    found = YARD::Registry.all(*kinds).select { |object| object.visibility == :public && !hidden?(object) }
    refute_empty found
    found
  end

  # @private holds for what stands in it, too.
  def hidden?(object)
    around = object.namespace
    object.has_tag?(:private) || (around.is_a?(YARD::CodeObjects::NamespaceObject) && !around.root? && hidden?(around))
  end

  def methods_with_parameters
    public_objects(:method).reject { |method| method.is_alias? || method.is_attribute? }
  end

  def test_everything_is_documented_and_yard_warns_of_nothing
    bare = public_objects(:module, :class, :constant, :method).select { |object| object.docstring.blank?(false) && !object.root? }
    assert_empty bare.map(&:path)
    assert_empty @log.string
  end

  def test_every_parameter_has_its_type
    methods_with_parameters.each do |method|
      named = method.tags(:param).to_h { |tag| [tag.name, tag.types] }
      method.parameters.map { |name, _| name.delete("*:") }.reject { |name| name.start_with?("&") }.each do |name|
        assert named[name], "#{method.path}: @param #{name} with its types"
      end
    end
  end

  def test_every_method_says_what_it_returns
    methods_with_parameters.reject { |method| method.name == :initialize }.each do |method|
      assert method.tag(:return)&.types, "#{method.path}: @return with its types"
    end
  end

  def test_what_is_referred_to_is_there
    references = public_objects(:module, :class, :constant, :method).flat_map do |object|
      object.docstring.scan(/\{([#A-Z][\w:#?]*)\}/).map { |(name)| [object, name] }
    end
    references.each do |object, name|
      found = [object.namespace, object].any? { |from| YARD::Registry.resolve(from, name, true) }
      assert found, "#{object.path}: {#{name}}"
    end
  end
end
