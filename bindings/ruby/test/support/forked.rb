# frozen_string_literal: true

# A program that forks again and again in one state: `forked.rb STATE LOCATION FORKS`. test_forks.rb runs it. Each child must be
# able to work at once, on a socket of its own, and is refused what was its parent's.

require "socket"
require "djredis"

# A process with a cache in use, and with what its state says.
class Scene
  KEYS = (0...300).to_h { |n| ["k#{n}", n] }.freeze
  HUNG = 60 # seconds; a child that takes longer ends by its own watchdog

  def initialize(state, location)
    @memory = location.start_with?("memory:")
    others = peers.values
    @cache = DJRedis::Cache.new(location, max_connections: state == "waiting" ? 1 : 64)
    @cache.set_many(KEYS, ttl: nil)
    @servers = peers.values - others
    @parent = Process.pid
    @threads = []
    @connections = []
    @busy = true
    __send__(state)
  end

  # A connection in the pool.
  def idle; end

  # Other threads in the middle of calls.
  def busy(threads = 4)
    threads.times do |number|
      turn = 0
      in_thread { check_values("parent#{number}", turn += 1) }
    end
  end

  # Many more threads than connections.
  def waiting
    busy(12)
  end

  # Connections that wait for messages, in nobody's hands and in those of another thread.
  def subscribed
    ready = Queue.new
    subscription(ready) { sleep 0.01 }
    subscription(ready) { |connection| connection.receive(timeout: 0.05) }
    2.times { @connections << ready.pop }
    busy(1)
  end

  # A walk that has begun, and another thread in the midst of its own.
  def scanning
    @keys = @cache.each_key("k*", itersize: 10)
    @keys.next
    in_thread { raise "keys are missing" unless @cache.each_key("k*", itersize: 10).to_a.uniq.size == KEYS.size }
    busy(1)
  end

  # In the process itself, at the end: what it had is there and works.
  def check
    @busy = false
    @threads.each { |thread| thread.join(HUNG) or raise "a thread of the parent hangs" }
    raise "keys are missing" unless @keys.nil? || @keys.to_a.uniq.size == KEYS.size
    raise "values are missing" unless @cache.get_many(*KEYS.keys) == KEYS
  end

  # Whether a new child ends well.
  def child
    pid = fork do
      watchdog
      check_child
      exit!(0)
    rescue Exception => error # rubocop:disable Lint/RescueException
      warn error.full_message
      exit!(1)
    end
    Process.wait(pid)
    $?.success?
  end

  private

  def in_thread
    @threads << Thread.new { yield while @busy }
  end

  def subscription(ready)
    @threads << Thread.new do
      @cache.with_connection do |c|
        c.subscribe("news")
        raise "not subscribed" unless c.receive == ["subscribe", "news", 1]

        ready << c
        yield c while @busy
        @cache.command("PUBLISH", "news", "last")
        raise "a subscription was lost" unless c.receive(timeout: HUNG) == %w[message news last]
      end
    end
  end

  def check_values(key, number)
    @cache.set(key, [key, number])
    raise "#{key}: another's reply" unless @cache.get(key) == [key, number]
    raise "others' replies" unless @cache.get_many("k1", "k2") == { "k1" => 1, "k2" => 2 }
  end

  def watchdog
    Thread.new { sleep(HUNG) && Process.kill(:KILL, Process.pid) }
  end

  def check_child
    raise "the parent's sockets are open" unless connected.empty?

    check_refused
    3.times { |turn| check_child_values(turn) }
    own = connected
    raise "sockets: #{own}" unless own.size == (@memory ? 0 : 1)
    raise "parent and child share a socket" if inodes(@parent).any? { |inode, _| own.include?(inode) }

    check_refused
    @cache.close if Process.pid.odd?
    GC.start
  end

  def check_child_values(turn)
    key = "child#{Process.pid}"
    @cache.set(key, [Process.pid, turn])
    raise "another's reply" unless @cache.get(key) == [Process.pid, turn]
    raise "the parent's values" unless @cache.get("k5") == (@memory ? nil : 5)
  end

  def check_refused
    @connections.each do |connection|
      refused { connection.call("PING") }
      refused { connection.receive(timeout: 0.01) }
    end
    keys, @keys = @keys, nil # an Enumerator that has raised begins anew
    refused { KEYS.size.times { keys.next } } if keys
  end

  def refused
    yield
    raise "what is the parent's can be used in the child"
  rescue DJRedis::ForkedError
    nil
  end

  def connected
    peers.select { |_, peer| @servers.include?(peer) }.keys
  end

  # The sockets of this process, and what they are connected to.
  def peers
    inodes("self").to_h do |inode, number|
      socket = BasicSocket.for_fd(number)
      socket.autoclose = false
      [inode, socket.getpeername]
    rescue SystemCallError # not connected, or closed in the meantime
      [inode, nil]
    end
  end

  # The sockets of a process, and their descriptors.
  def inodes(pid)
    Dir.children("/proc/#{pid}/fd").filter_map do |name|
      inode = File.readlink("/proc/#{pid}/fd/#{name}")
      [inode, name.to_i] if inode.start_with?("socket:")
    rescue SystemCallError # closed in the meantime
      nil
    end
  end
end

state, location, forks = ARGV
scene = Scene.new(state, location)
failed = Array.new(forks.to_i) { scene.child }.count(false)
scene.check
puts failed.zero? ? "all is well" : "#{failed} of #{forks} children failed"
