use super::*;

const LIMIT: usize = 1 << 20;

fn samples() -> Vec<Vec<u8>> {
    let mixed = (0..200_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 20) as u8);
    vec![Vec::new(), b"a".to_vec(), vec![0; 70_000], mixed.collect()]
}

fn available() -> impl Iterator<Item = Compressor> {
    let is_there = |compressor: &Compressor| match compressor {
        Compressor::Lzma => cfg!(feature = "lzma"),
        Compressor::Zstd => cfg!(feature = "zstd"),
        _ => true,
    };
    Compressor::ALL.into_iter().filter(is_there)
}

#[test]
fn what_is_compressed_comes_back() {
    for compressor in available() {
        for sample in samples() {
            let levels = compressor
                .levels()
                .map_or(vec![None], |levels| vec![None, Some(*levels.start()), Some(*levels.end())]);
            for level in levels {
                let packed = compressor.compress(&sample, level).unwrap();
                assert!(compressor.claims(&packed), "{compressor:?}");
                assert_eq!(
                    compressor.decompress(&packed, LIMIT).unwrap(),
                    sample,
                    "{compressor:?} {level:?}"
                );
            }
        }
    }
}

#[test]
fn nobody_else_claims_it() {
    for compressor in available() {
        let packed = compressor.compress(b"some text", None).unwrap();
        let claimed: Vec<_> = Compressor::ALL.into_iter().filter(|other| other.claims(&packed)).collect();
        assert_eq!(claimed, [compressor]);
    }
    for plain in [&b""[..], b"x", b"{\"a\": 1}", b"\x80\x05N.", b"(dp0", b"hello, world"] {
        assert!(!Compressor::ALL.into_iter().any(|compressor| compressor.claims(plain)), "{plain:?}");
    }
}

#[test]
fn a_bomb_is_too_large() {
    let zeros = vec![0; 8 << 20];
    for compressor in available() {
        let bomb = compressor.compress(&zeros, None).unwrap();
        assert!(bomb.len() < 64 << 10, "{compressor:?}");
        assert!(matches!(compressor.decompress(&bomb, LIMIT), Err(Failure::TooLarge)), "{compressor:?}");
        assert!(matches!(compressor.decompress(&bomb, zeros.len() - 1), Err(Failure::TooLarge)));
        assert_eq!(compressor.decompress(&bomb, zeros.len()).unwrap(), zeros);
    }
}

#[test]
fn truncated_changed_and_prolonged_data_is_refused() {
    let sample: Vec<u8> = (0..5000_u32).flat_map(|n| n.to_string().into_bytes()).collect();
    for compressor in available() {
        let packed = compressor.compress(&sample, None).unwrap();
        for cut in (0..packed.len()).step_by(97).chain(packed.len() - 9..packed.len()) {
            let result = compressor.decompress(&packed[..cut], LIMIT);
            assert!(
                matches!(result, Err(Failure::Broken(_))),
                "{compressor:?} cut to {cut} of {}",
                packed.len()
            );
        }
        for junk in [&b"x"[..], b"\0\0\0\0\0", b"some more bytes"] {
            let longer = [&packed[..], junk].concat();
            assert!(compressor.decompress(&longer, LIMIT).is_err(), "{compressor:?} with {junk:?} behind it");
        }
        for at in 0..packed.len() {
            let mut changed = packed.clone();
            changed[at] ^= 0x55;
            // Whatever comes of it, it stays within its bounds.
            if let Ok(plain) = compressor.decompress(&changed, LIMIT) {
                assert!(plain.len() <= LIMIT);
            }
        }
    }
}
