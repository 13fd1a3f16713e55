# frozen_string_literal: true

require "fileutils"
require "logger"
require "minitest/autorun"
require "open3"
require "socket"
require "stringio"
require "timeout"
require "tmpdir"
require "djredis"

# A redis-server of our own on a unix socket, and servers that misbehave.
module Servers
  START_LIMIT = 20

  CERTIFICATES = File.expand_path("../../../tests/support/certificates", __dir__)

  def self.redis
    @redis ||= start
  end

  # The location of a server with TLS, which wants no certificate of its clients.
  def self.encrypted
    @encrypted ||= begin
      folder = Dir.mktmpdir("djredis-")
      Minitest.after_run { FileUtils.remove_entry(folder) }
      system(CERTIFICATES, folder, err: File::NULL) or raise "no certificates"
      port = TCPServer.open("127.0.0.1", 0) { |probe| probe.addr[1] }
      files = { "ca-cert" => "ca.pem", "cert" => "server.pem", "key" => "server.key" }
      settings = files.flat_map { |name, file| ["--tls-#{name}-file", File.join(folder, file)] }
      start("--tls-port", port.to_s, "--tls-auth-clients", "no", *settings)
      "rediss://localhost:#{port}/0?tls_ca=#{folder}/ca.pem"
    end
  end

  def self.start(*settings)
    folder = Dir.mktmpdir("djredis-")
    path = File.join(folder, "s")
    command = ["redis-server", "--port", "0", "--unixsocket", path, "--dir", folder, "--save", ""]
    pid = spawn(*command, *settings, out: File::NULL)
    Minitest.after_run { stop(pid, folder) }
    await(path)
    path
  end

  def self.await(path)
    limit = Process.clock_gettime(Process::CLOCK_MONOTONIC) + START_LIMIT
    begin
      UNIXSocket.new(path).close
    rescue SystemCallError
      raise "redis-server did not start" if Process.clock_gettime(Process::CLOCK_MONOTONIC) > limit

      sleep 0.01
      retry
    end
  end

  def self.stop(pid, folder)
    Process.kill(:KILL, pid)
    Process.wait(pid)
    FileUtils.remove_entry(folder)
  end
end

class DJRedisTest < Minitest::Test
  LONG = 30

  # A new cache on an empty database.
  def setup
    @cache = open_cache
    @cache.clear
  end

  def teardown
    @cache.close
  end

  def location
    "unix:#{Servers.redis}:0"
  end

  def open_cache(**options)
    DJRedis::Cache.new(location, **options)
  end

  # The location of a server that takes connections and never says anything.
  def with_silent_server
    TCPServer.open("127.0.0.1", 0) { |server| yield "127.0.0.1:#{server.addr[1]}:0" }
  end

  # The location of a port where nobody listens.
  def nobody
    server = TCPServer.new("127.0.0.1", 0)
    "127.0.0.1:#{server.addr[1]}:0"
  ensure
    server.close
  end

  # What redis-cli says.
  def redis(*command)
    out, status = Open3.capture2("redis-cli", "-s", Servers.redis, *command.map(&:to_s))
    raise "redis-cli failed" unless status.success?

    out.chomp
  end

  def assert_quick
    began = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    yield
    assert_operator Process.clock_gettime(Process::CLOCK_MONOTONIC) - began, :<, LONG / 2
  end
end
