# frozen_string_literal: true

# Required first: hides the gem msgpack, so that composite values are read by djredis alone.
module WithoutMsgpack
  def require(name)
    raise LoadError, "msgpack is hidden" if name == "msgpack"

    super
  end
end
Object.prepend(WithoutMsgpack)
