# frozen_string_literal: true

# Runs the Ruby blocks of one page, with the same variables, in a process of its own.
#
# Argument: a JSON file as for python_page.py. What a line that ends with `# => ...` has made is printed, unless it prints by itself.

require "json"

SHOWN = /^(\s*)(?!puts |p |print )(\S.*?)\s+# => .*$/.freeze

given = JSON.parse(File.read(ARGV.fetch(0)))
$stdout.sync = true
given["blocks"].each do |line, code|
  eval(code.gsub(SHOWN, '\1p((\2))'), TOPLEVEL_BINDING, given["page"], line)
  puts given["separator"]
end
