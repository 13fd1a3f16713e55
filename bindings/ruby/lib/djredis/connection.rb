# frozen_string_literal: true

require_relative "arguments"
require_relative "calls"
require_relative "pipeline"
require_relative "values"

module DJRedis
  # A connection that was borrowed from the pool; see {Cache#with_connection}. Keys are sent as they are given. One
  # thread at a time, in one process.
  class Connection
    # A reply among the items of a slot.
    REPLY = lambda do |type, integer, data, _place|
      type == ABI::ERROR ? Values.error(integer, data) : Values.build(type, integer, data, replies: true)
    end
    IN_USE = "the connection is in use by another thread: each needs its own"
    private_constant :REPLY, :IN_USE

    # @private
    def initialize
      # The library writes the handle here, so that it is known even where a Timeout comes meanwhile.
      @made = FFI::MemoryPointer.new(:pointer)
      # Held by whoever uses the handle: another thread, or a trap handler, must not, and nobody may free it meanwhile.
      @in_use = Mutex.new
      @released = false
    end

    # One command and its reply.
    # @param args [Array<String, Symbol, Numeric>] the command's name and its arguments
    # @param timeout [Numeric, nil] seconds; nil: as long as it takes; by default the option SOCKET_TIMEOUT
    # @return [String, Integer, Float, Boolean, Array, Hash, nil] nil also for an EXEC that a change of a watched key
    #   prevented
    # @raise [ServerError] where the server answers with an error
    def call(*args, timeout: DEFAULT)
      joined, lengths = Keys.join(Arguments.encode(args))
      run(:djredis_conn_command, args.size, joined, lengths, Calls.struct(deadline: timeout)) do |slot|
        Values.read(slot, replies: true)
      end
    end

    # Many commands in one write.
    #
    #   c.pipelined { |p| p.call("GET", "a"); p.call("INCR", "b") }
    #
    # @param timeout [Numeric, nil] as in {#call}
    # @param exception [Boolean] whether the first error is raised, once all replies are there; else it is among them
    # @yieldparam pipeline [Pipeline]
    # @return [Array] the replies
    # @raise [ServerError] the first error, with `exception`
    def pipelined(timeout: DEFAULT, exception: true, &block)
      pipeline(0, timeout, exception, &block)
    end

    # As {#pipelined}, in MULTI ... EXEC.
    # @param (see #pipelined)
    # @yieldparam pipeline [Pipeline]
    # @return [Array, nil] the replies; nil where a change of a watched key prevented it
    def multi(timeout: DEFAULT, exception: true, &block)
      pipeline(ABI::MULTI, timeout, exception, &block)
    end

    # Sends a command without waiting for its reply, which {#receive} brings: MONITOR, blocking commands.
    # @param (see #call)
    # @return [nil]
    def send_command(*args, timeout: DEFAULT)
      joined, lengths = Keys.join(Arguments.encode(args))
      run(:djredis_conn_send, args.size, joined, lengths, Calls.struct(deadline: timeout)) { nil }
    end

    # Listens to channels. Their messages, and one that tells of each subscription, come by {#receive}.
    # @param channels [Array<String>]
    # @return [nil]
    def subscribe(*channels)
      send_command("SUBSCRIBE", *channels)
    end

    # Listens to all channels that match; see {#subscribe}.
    # @param patterns [Array<String>]
    # @return [nil]
    def psubscribe(*patterns)
      send_command("PSUBSCRIBE", *patterns)
    end

    # The next reply or message: +["message", channel, payload]+.
    # @param timeout [Numeric, nil] seconds; nil: as long as it takes; by default the option SOCKET_TIMEOUT
    # @return [String, Integer, Float, Boolean, Array, Hash, nil] nil if none came; the connection goes on
    def receive(timeout: DEFAULT)
      run(:djredis_conn_receive, Calls.struct(deadline: timeout)) { |slot| Values.read(slot, replies: true) }
    end

    # @private
    def acquire(cache, timeout)
      how = Calls.struct(deadline: timeout)
      Slots.use do |slot|
        status = Interrupts.guard { Library.djredis_conn_acquire(cache, how, @made, slot) }
        raise Slots.failure(status, slot) unless status == ABI::OK
      end
    end

    # Gives it back: at once, or at the end of a call that another thread has begun. Not even an interrupt keeps it.
    # @private
    def release
      Interrupts.guard do
        @released = true
        give_back if @in_use.try_lock
      end
    end

    private

    # What the block makes of the answer; nil where there is none.
    def run(function, *arguments)
      exclusively do |pointer|
        Slots.use do |slot|
          status = Interrupts.guard { Library.__send__(function, pointer, *arguments, slot) }
          return yield(slot) if status == ABI::OK
          raise Slots.failure(status, slot) unless status == ABI::MISS
        end
      end
    end

    def exclusively
      # By a trap handler in the midst of a call.
      raise ArgumentError, IN_USE if @in_use.owned?

      begin
        raise ArgumentError, IN_USE unless @in_use.try_lock
        raise ClosedError, "the connection was given back: use it inside the block of with_connection" if @released

        yield @made.read_pointer
      ensure
        # Also where an interrupt came when it had just been taken.
        @in_use.unlock if @in_use.owned?
        release if @released
      end
    end

    def give_back
      pointer = @made.read_pointer
      @made.write_pointer(nil)
      Library.djredis_conn_release(pointer)
    ensure
      @in_use.unlock
    end

    def pipeline(flags, timeout, exception)
      yield(pipeline = Pipeline.new)
      return [] if pipeline.commands.empty?

      joined, lengths = Keys.join(pipeline.commands.flatten(1))
      counts = pipeline.commands.map(&:size).pack("L*")
      how = Calls.struct(flags, deadline: timeout)
      replies = run(:djredis_conn_pipeline, pipeline.commands.size, counts, joined, lengths, how) do |slot|
        Values.items(slot, &REPLY)
      end
      failed = exception && replies&.find { |reply| reply.is_a?(Error) }
      failed ? raise(failed) : replies
    end
  end
end
