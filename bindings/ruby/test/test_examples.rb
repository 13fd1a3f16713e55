# frozen_string_literal: true

require_relative "helper"
require "rbconfig"

# examples/ruby, as its comments say to run them.
class TestExamples < DJRedisTest
  ROOT = File.expand_path("../../..", __dir__)

  def quickstart(*arguments)
    command = [RbConfig.ruby, "-w", "-I", "bindings/ruby/lib", "examples/ruby/quickstart.rb", *arguments]
    out, err, status = Open3.capture3(*command, chdir: ROOT)
    assert status.success?, err
    assert_empty err
    out.lines(chomp: true)
  end

  def test_quickstart_inside_the_process
    assert_equal ["hello, world", "1 visits, the first", "report: 0, 1, 4", "greeting report visits"], quickstart
  end

  def test_quickstart_with_a_server
    quickstart(location)
    assert_equal "2 visits, one more", quickstart(location)[1]
    greeting = open_cache(key_prefix: "quickstart").get("greeting")
    assert_equal({ "text" => "hello, world", "languages" => %w[C Python Ruby] }, greeting)
  end

  # The blocks of the README, line by line: what stands behind "# =>" is what comes out.
  def test_readme
    code = File.read("#{ROOT}/bindings/ruby/README.md").scan(/^```ruby\n(.*?)^```$/m).join
    context = Object.new.instance_eval { binding }
    checked = code.gsub("127.0.0.1:6379:1", location).lines.count do |line|
      made = context.eval(line)
      expected = line[/ # => (.*)$/, 1]
      assert_equal context.eval(expected), made, line if expected
    end
    assert_operator checked, :>, 8
  end
end
