//! MessagePack, as far as values need it: a writer and a cursor that never recurse.
