# frozen_string_literal: true

require_relative "helper"

# The end of the interpreter: at_exit and finalizers that use a cache, and threads in the midst of calls meanwhile.
class TestExits < DJRedisTest
  # How often each program ends; what may go wrong there is a matter of moments.
  TIMES = ENV["DJREDIS_FAULTS"] == "whole" ? 100 : 2

  OPEN = <<~RUBY
    require "djredis"
    require "timeout"
    $stdout.sync = true
    CACHE = DJRedis::Cache.new(ARGV[0], socket_timeout: 60)
    CACHE.set_many({ "k" => "v", "l" => ["v"], "n" => 1 }, ttl: nil)
    Thread.report_on_exception = false
    def busy
      8.times do
        Thread.new do
          loop do
            CACHE.get("k")
            CACHE.get_many("k", "l")
            CACHE.set("k", "v")
            CACHE.incr("n")
            CACHE.each_key.to_a
            CACHE.with_connection { |c| c.pipelined { |p| 3.times { p.call("PING") } } }
          end
        end
      end
    end
  RUBY

  PROGRAMS = {
    at_exit: "at_exit { puts CACHE.get('k') }",
    at_exit_beside_threads: "busy; at_exit { sleep 0.05; puts CACHE.get('k') }",
    close_beside_threads: "busy; at_exit { CACHE.close }; puts CACHE.get('k')",
    threads_that_wait: <<~RUBY,
      4.times { Thread.new { CACHE.command("BLPOP", "nothing comes", 0) } }
      4.times { Thread.new { CACHE.with_connection { |c| c.subscribe("nothing comes") && loop { c.receive(timeout: nil) } } } }
      sleep 0.1
      puts CACHE.get("k")
    RUBY
    finalizers: <<~RUBY,
      LAST = Object.new
      ObjectSpace.define_finalizer(LAST, proc { puts CACHE.get("k") })
    RUBY
    finalizers_beside_threads: <<~RUBY,
      busy
      4.times do
        Thread.new do
          loop do
            cache = DJRedis::Cache.new(ARGV[0])
            ObjectSpace.define_finalizer(Object.new, proc { cache.get("k") rescue nil }) # the thread may be told to end
            cache.each_key.next
            GC.start
          end
        end
      end
      sleep 0.2
      puts CACHE.get("k")
    RUBY
    ctrl_c_in_at_exit: <<~RUBY,
      at_exit do
        Thread.new { sleep(0.1) && Process.kill(:INT, Process.pid) }
        CACHE.command("BLPOP", "nothing comes", 0)
      rescue Interrupt
        puts "v"
      end
    RUBY
    sigterm_beside_threads: <<~RUBY,
      busy
      begin
        Process.kill(:TERM, Process.pid)
        sleep
      rescue SignalException
        puts CACHE.get("k")
      end
    RUBY
    exit_in_a_thread: "busy; puts CACHE.get('k'); Thread.new { exit }.join; sleep",
    exit_at_once: "busy; puts CACHE.get('k'); exit!(0)",
    kills: <<~RUBY,
      20.times { busy.then { sleep(0.001) && (Thread.list - [Thread.main]).each(&:kill).each(&:join) } }
      puts CACHE.get("k")
    RUBY
    a_child_with_the_parents_threads: <<~RUBY
      busy
      sleep 0.02
      child = fork { at_exit { CACHE.get("k") } }
      Process.wait(child)
      puts CACHE.get("k") if $?.success?
    RUBY
  }.freeze

  def test_programs
    PROGRAMS.each do |name, program|
      command = [RbConfig.ruby, "-I", File.expand_path("../lib", __dir__), "-e", OPEN + program, location]
      TIMES.times do
        output, status = Open3.capture2e(*command)
        assert_equal ["v\n", true], [output, status.success?], "#{name}: #{status}"
      end
    end
  end
end
