# frozen_string_literal: true

require_relative "helper"
require "rbconfig"

# How the library is found, and what is said where it is not, or is another one.
class TestLibrary < Minitest::Test
  LIB = File.expand_path("../lib", __dir__)
  # An ELF header: 64 bits at 4, the machine at 18.
  CLASS, MACHINE = 4, 18
  ANOTHER_MACHINE = "\x08\x00".b # MIPS

  # What requiring the gem says, with this library.
  def load_with(library, lib: LIB, cwd: Dir.pwd)
    program = "begin; require 'djredis'; puts 'loaded'; rescue LoadError => error; puts error.message; end"
    Open3.capture2e({ "DJREDIS_LIBRARY" => library }, RbConfig.ruby, "-I", lib, "-e", program, chdir: cwd).first
  end

  def in_folder(&block)
    Dir.mktmpdir("djredis-", &block)
  end

  def real
    DJRedis::Library.path
  end

  def compile(folder, source)
    File.write("#{folder}/other.c", source)
    assert system("cc", "-shared", "-fPIC", "-o", "#{folder}/other.so", "#{folder}/other.c")
    "#{folder}/other.so"
  end

  # A copy with other bytes somewhere.
  def changed(folder, at, bytes)
    content = File.binread(real)
    content[at, bytes.bytesize] = bytes
    "#{folder}/changed.so".tap { |path| File.binwrite(path, content) }
  end

  def test_it_is_known_which_one_it_is
    assert_path_exists real
    assert_match(/loaded/, load_with(real))
  end

  def test_a_missing_library
    said = load_with("/no/such/lib.so")
    assert_match %r{/no/such/lib\.so: no such file}, said
    assert_match(/make build.*DJREDIS_LIBRARY/, said)
  end

  def test_nothing_anywhere
    in_folder do |folder|
      FileUtils.cp_r(LIB, folder)
      said = load_with(nil, lib: "#{folder}/lib", cwd: folder)
      assert_match %r{#{folder}/lib/djredis/libdjredis\.so: no such file}, said
      assert_match(/libdjredis\.so\.1: .*cannot open shared object/, said)
    end
  end

  def test_a_library_beside_the_gem
    in_folder do |folder|
      FileUtils.cp_r(LIB, folder)
      FileUtils.cp(real, "#{folder}/lib/djredis/libdjredis.so")
      assert_match(/loaded/, load_with(nil, lib: "#{folder}/lib", cwd: folder))
    end
  end

  def test_a_file_that_is_no_library
    in_folder do |folder|
      File.write("#{folder}/garbage.so", "this is no library\n" * 100)
      said = load_with("#{folder}/garbage.so")
      assert_match(/make build/, said)
      assert_match(/garbage\.so: .*invalid ELF header/, said)
      File.write("#{folder}/empty.so", "")
      assert_match(/empty\.so: .*file too short/, load_with("#{folder}/empty.so"))
      assert_match(/#{folder}: /, load_with(folder))
    end
  end

  def test_another_machine
    in_folder do |folder|
      [changed(folder, CLASS, "\x01".b), changed(folder, MACHINE, ANOTHER_MACHINE)].each do |path|
        said = load_with(path)
        assert_match(/changed\.so: built for another machine/, said)
        assert_match(/for this machine \(#{RbConfig::CONFIG['arch']}\)/, said)
      end
    end
  end

  def test_another_library
    said = load_with("libc.so.6")
    assert_match(/libc\.so\.6 is no libdjredis/, said)
    assert_match(/djredis_abi/, said)
  end

  def test_another_abi
    in_folder do |folder|
      said = load_with(compile(folder, "unsigned djredis_abi(void) { return 99; }"))
      assert_match(/other\.so has ABI 99, and this djredis needs ABI 1/, said)
      assert_match(/install the two in one version/, said)
    end
  end

  def test_an_older_one_of_this_abi
    in_folder do |folder|
      said = load_with(compile(folder, "unsigned djredis_abi(void) { return 1; }"))
      assert_match(/other\.so is older than this djredis.*djredis_version/, said)
    end
  end

  def test_what_can_wait_gives_other_threads_the_turn
    at_once = %i[
      djredis_abi djredis_version djredis_status_name djredis_set_interrupt_check djredis_value_clear djredis_value_count
      djredis_value_next djredis_value_lookup djredis_options_new djredis_options_set djredis_options_list djredis_options_free
      djredis_cache_open djredis_cache_free djredis_cache_scan djredis_cache_make_key djredis_cache_server_for
      djredis_cache_option djredis_cache_stats djredis_scan_free djredis_conn_release djredis_value_leaf djredis_value_time
      djredis_options_set_parser djredis_cache_near_get
      djredis_pack_new djredis_pack_begin djredis_pack_end djredis_pack_add djredis_pack_text djredis_pack_int djredis_pack_time
      djredis_pack_bytes djredis_pack_value djredis_pack_free djredis_ruby_install djredis_cpython_methods
    ]
    waits = DJRedis::ABI::PROTOTYPES.select { |_, (_, _, wait)| wait }.keys
    assert_empty waits & at_once
    assert_equal DJRedis::ABI::PROTOTYPES.keys.sort, (waits + at_once).sort
  end
end
