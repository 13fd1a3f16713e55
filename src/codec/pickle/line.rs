//! Opcodes of protocol 0, whose arguments are lines of text.

use super::arena::Node;
use super::opcode as op;
use super::read::Machine;
use super::{Stop, text};
use crate::decimal;

impl Machine<'_> {
    pub(super) fn line_step(&mut self, opcode: u8) -> Result<(), Stop> {
        let line = self.line()?;
        let node = match opcode {
            op::INT if line == b"00" || line == b"01" => Node::Bool(line == b"01"),
            op::INT => self.digits(line)?,
            op::LONG => self.digits(line.strip_suffix(b"L").unwrap_or(line))?,
            op::FLOAT => Node::Float(self.real(line)?),
            op::STRING => {
                let bytes = text::unquote(line).ok_or_else(|| self.broken("a STRING is not quoted well"))?;
                Node::Str8(self.arena.keep(&bytes)?)
            }
            op::UNICODE => self.unicode(line)?,
            _ => {
                let number = self.memo_number(line)?;
                return if opcode == op::GET { self.recall(number) } else { self.remember(number) };
            }
        };
        self.plain(node)
    }

    fn unicode(&mut self, line: &[u8]) -> Result<Node, Stop> {
        let bytes =
            text::unescape_unicode(line).ok_or_else(|| self.broken("a UNICODE is not escaped well"))?;
        let span = self.arena.keep(&bytes)?;
        Ok(if std::str::from_utf8(&bytes).is_ok() { Node::Text(span) } else { Node::Surrogates(span) })
    }

    fn real(&self, line: &[u8]) -> Result<f64, Stop> {
        let text = std::str::from_utf8(line).ok().map(str::trim);
        text.and_then(|text| text.parse().ok()).ok_or_else(|| self.broken("a FLOAT is no number"))
    }

    fn digits(&mut self, line: &[u8]) -> Result<Node, Stop> {
        let line = line.trim_ascii();
        let Some(digits) = decimal::canonical(if line == b"-0" { b"0" } else { line }) else {
            return Err(self.broken("an INT or LONG is no decimal number"));
        };
        if let Ok(integer) = digits.parse() {
            return Ok(Node::Int(integer));
        }
        self.allow_digits(digits.len())?;
        Ok(Node::Digits(self.arena.keep(line)?))
    }

    fn memo_number(&self, line: &[u8]) -> Result<usize, Stop> {
        let number = decimal::canonical(line.trim_ascii()).and_then(|digits| digits.parse().ok());
        number.ok_or_else(|| self.broken("a memo number is no number"))
    }
}
