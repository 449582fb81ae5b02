//! Frames of a spill file: `length u32, rows u32, version u64, checksum u32`, little endian, then the batch as JSON
//! under zstd. The checksum covers all but itself.

use crate::actors::ports::history::HistoryBatch;
use flate2::Crc;
use std::io;

/// Bytes before the payload: length, rows, version and checksum, so that a torn tail is seen.
const HEAD: usize = 20;
/// Largest payload that is believed: a torn or foreign file must not make us take all memory.
const MAX_PAYLOAD: usize = 1 << 30;

/// A batch with the version its rows are given, so that it means the same whenever it is written.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::adapters::history) struct Frame {
    pub(in crate::adapters::history) version: u64,
    pub(in crate::adapters::history) batch: HistoryBatch,
}

/// What stands in the head of a frame, and where the frame ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) version: u64,
    pub(super) rows: u64,
    pub(super) end: usize,
    start: usize,
}

fn checksum(head: &[u8], payload: &[u8]) -> [u8; 4] {
    let mut crc = Crc::new();
    crc.update(head);
    crc.update(payload);
    crc.sum().to_le_bytes()
}

/// The frame as bytes.
pub(super) fn encode(version: u64, batch: &HistoryBatch) -> io::Result<Vec<u8>> {
    let payload = zstd::encode_all(serde_json::to_vec(batch)?.as_slice(), 1)?;
    let too_large = || io::Error::other("a batch is too large for the spill");
    let length = u32::try_from(payload.len()).map_err(|_| too_large())?;
    let rows = u32::try_from(batch.len()).map_err(|_| too_large())?;
    if payload.len() > MAX_PAYLOAD {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(HEAD + payload.len());
    bytes.extend(length.to_le_bytes());
    bytes.extend(rows.to_le_bytes());
    bytes.extend(version.to_le_bytes());
    bytes.extend(checksum(&bytes, &payload));
    bytes.extend(payload);
    Ok(bytes)
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

/// Heads of the whole frames from the start on; what follows the last one is torn.
pub(super) fn heads(bytes: &[u8]) -> Vec<Head> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(head) = head(bytes, at) {
        at = head.end;
        found.push(head);
    }
    found
}

fn head(bytes: &[u8], at: usize) -> Option<Head> {
    let length = usize::try_from(u32::from_le_bytes(number(bytes, at)?)).ok()?;
    let rows = u32::from_le_bytes(number(bytes, at + 4)?).into();
    let version = u64::from_le_bytes(number(bytes, at + 8)?);
    let sum: [u8; 4] = number(bytes, at + 16)?;
    let start = at + HEAD;
    let payload = bytes.get(start..start.checked_add(length)?)?;
    (length > 0 && sum == checksum(&bytes[at..at + 16], payload)).then_some(Head {
        version,
        rows,
        end: start + length,
        start,
    })
}

/// The batch of one frame.
pub(super) fn decode(bytes: &[u8], head: Head) -> io::Result<Frame> {
    let json = zstd::decode_all(&bytes[head.start..head.end])?;
    Ok(Frame { version: head.version, batch: serde_json::from_slice(&json)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::ports::history::UniverseRow;
    use crate::domain::moment::MarketTime;

    #[test]
    fn whole_frames_come_back_and_torn_or_changed_ones_do_not() {
        let row = UniverseRow {
            day: MarketTime::from_ms(5),
            symbol: "A\n'USDT".into(),
            status: "T".into(),
            event: "".into(),
        };
        let batch = HistoryBatch { universe: vec![row], ..HistoryBatch::default() };
        let mut bytes = encode(7, &batch).unwrap();
        let one = bytes.len();
        bytes.extend(encode(8, &batch).unwrap());
        let found = heads(&bytes);
        assert_eq!(
            found.iter().map(|h| (h.version, h.rows, h.end)).collect::<Vec<_>>(),
            [(7, 1, one), (8, 1, bytes.len())]
        );
        assert_eq!(decode(&bytes, found[1]).unwrap(), Frame { version: 8, batch });
        for cut in one..bytes.len() {
            assert_eq!(heads(&bytes[..cut]).len(), 1, "{cut}");
        }
        for at in one..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x20;
            assert_eq!(heads(&changed).len(), 1, "{at}");
        }
    }
}
