# frozen_string_literal: true

# Starts, gets one text and ends.   start.rb ours|peer|nothing SOCKET

side, socket = ARGV
case side
when "ours"
  require "djredis"
  abort unless DJRedis::Cache.new("unix:#{socket}:0").get("text")
when "peer"
  require "redis"
  require "hiredis"
  abort unless Redis.new(path: socket, driver: :hiredis).get(":1:text")
end
