# frozen_string_literal: true

# Ruby's objects in the plain notation of ../README.md, and back.
module Plain
  LISTS = { "list" => Array, "tuple" => DJRedis::Tuple }.freeze
  RECORD = DJRedis::Extensions::RECORD

  module_function

  def bytes(hex)
    [hex].pack("H*")
  end

  def hex(bytes)
    bytes.unpack1("H*")
  end

  # A key as a Ruby program has it: text where it can be.
  def key(hex)
    DJRedis::Keys.text(bytes(hex))
  end

  def to_ruby(json)
    kind, content = json.first
    case kind
    when "none" then nil
    when "bool" then content
    when "int" then Integer(content, 10)
    when "float" then bytes(content).unpack1("G")
    when "utf8", "surrogates" then bytes(content).force_encoding(Encoding::UTF_8)
    when "bytes" then bytes(content)
    when "bytearray" then DJRedis::ByteArray.new(bytes(content))
    when "opaque" then DJRedis::Opaque.new(bytes(content))
    else to_container(kind, content)
    end
  end

  def to_container(kind, content)
    case kind
    when "list" then content.map { |item| to_ruby(item) }
    when "tuple" then DJRedis::Tuple.new(content.map { |item| to_ruby(item) })
    when "set" then Set.new(content.map { |item| to_ruby(item) })
    when "frozenset" then Set.new(content.map { |item| to_ruby(item) }).freeze
    when "dict" then content.to_h { |key, item| [to_ruby(key), to_ruby(item)] }
    when "record" then DJRedis::Record.from_fields(to_container("dict", content))
    when "ext" then DJRedis::Reader.load(extension(*content))
    else raise "no value of Ruby: #{kind}"
    end
  end

  def extension(number, hex)
    [0xc9, hex.size / 2, number, hex].pack("CNcH*")
  end

  def of(value)
    case value
    when nil then { "none" => true }
    when true, false then { "bool" => value }
    when Integer then { "int" => value.to_s }
    when Float then { "float" => hex([value].pack("G")) }
    when DJRedis::ByteArray then { "bytearray" => hex(value) }
    when DJRedis::SafeString then of_extension(value)
    when String then of_string(value)
    when DJRedis::Opaque then { "opaque" => hex(value.bytes) }
    else of_container(value)
    end
  end

  def of_string(value)
    return { "bytes" => hex(value) } if value.encoding == Encoding::BINARY

    { (value.valid_encoding? ? "utf8" : "surrogates") => hex(value) }
  end

  def of_container(value)
    case value
    when DJRedis::Deque, DJRedis::OrderedDict, DJRedis::Counter, DJRedis::DefaultDict then of_extension(value)
    when DJRedis::Tuple then { "tuple" => value.map { |item| of(item) } }
    when Array then { "list" => value.map { |item| of(item) } }
    when Set then { (value.frozen? ? "frozenset" : "set") => value.map { |item| of(item) } }
    when Hash then { "dict" => pairs(value) }
    when DJRedis::Record then { "record" => pairs(value.to_h) }
    else of_extension(value)
    end
  end

  def pairs(hash)
    hash.map { |key, item| [of(key), of(item)] }
  end

  # What the binding makes of it for the library: the header is fixext (2 bytes), ext 8, 16 or 32.
  def of_extension(value)
    packed = DJRedis::Writer.dump(value)
    header = { 0xc7 => 3, 0xc8 => 4, 0xc9 => 6 }.fetch(packed.getbyte(0), 2)
    { "ext" => [packed.getbyte(header - 1), hex(packed.byteslice(header..-1))] }
  end
end
