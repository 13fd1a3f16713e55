//! The way past FFI for Ruby's hot methods: C methods in the module `DJRedis::Native`, without a compiled extension. The
//! library finds MRI's functions in the process that it is loaded into (`api`).
//!
//! Ruby's functions may raise, which is a longjmp to the last rb_protect, over all frames in between. So a method is three things:
//! a frame that owns what Rust owns, and calls rb_protect; in it a body (`ruby.protected`) whose frames own nothing; and
//! rb_jump_tag, when all that was owned is gone (`methods`). Objects that a body holds stand on its stack or in registers,
//! where Ruby's garbage collector looks for them, and moves none.
//!
//! What is rare - a Symbol as a key, a Decimal, a value nested deeply, an error - is given to the Ruby code that does it for
//! FFI too (bindings/ruby/lib/djredis/native.rb).

mod api;
mod build;
mod input;
mod layout;
mod many;
mod methods;
mod pack;
mod time;
mod unpack;
mod vm;

use super::boundary::guarded;
use crate::error::Status;

/// For the Ruby gem: defines the methods of the module `DJRedis::Native`, which must be there, in the Ruby that this process
/// runs. DJREDIS_OK; DJREDIS_ERR_UNSUPPORTED where it runs none, or one that this library can't work with: then nothing has
/// happened. A Ruby thread that holds the GVL, once.
#[unsafe(no_mangle)]
pub extern "C" fn djredis_ruby_install() -> i32 {
    let installed = guarded(|| Ok(vm::Ruby::install())).unwrap_or(false);
    let status = if installed { Status::Ok } else { Status::Unsupported };
    status as i32
}

#[cfg(test)]
mod tests {
    use crate::error::Status;

    #[test]
    fn a_program_without_ruby_is_told_so() {
        assert_eq!(super::djredis_ruby_install(), Status::Unsupported as i32);
    }
}
