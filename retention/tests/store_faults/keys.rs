//! The key file: keys are found where they were put, and gone when they were destroyed.

use crate::support::{data_key, item, key_file, same, store};
use custody_retention::keys::*;

fn states(keys: &KeyFile) -> Vec<(u64, SlotState)> {
    let mut states = Vec::new();
    keys.for_each(|slot, state| {
        states.push((slot.0, state));
        Ok::<_, KeyError>(())
    })
    .expect("reads");
    states
}

#[test]
fn keys_are_found_and_destroyed() {
    let (_folder, disk) = store();
    let (mut keys, holder) = key_file(&disk);
    let slots: Vec<_> = (0..200).map(|n| keys.add(&item(n), &data_key(n)).expect("added")).collect();
    assert_eq!(slots, (0..200).map(Slot).collect::<Vec<_>>());
    let before = keys.generation();
    assert_eq!(keys.sync().expect("durable"), before + 1);
    assert_eq!(keys.sync().expect("nothing to do"), before + 1);
    drop(keys);

    let (mut keys, report) = KeyFile::open(&disk, &holder).expect("opens");
    assert_eq!(report, OpenReport { rotation: Rotation::None, damaged_copy: false });
    assert_eq!((keys.generation(), keys.store()), (before + 1, StoreId([7; 16])));
    for n in 0..200 {
        assert!(same(&keys.get(Slot(n), &item(n)).expect("there"), &data_key(n)));
    }
    assert_eq!(keys.get(Slot(3), &item(4)).unwrap_err(), KeyError::OtherItem);
    assert_eq!(keys.get(Slot(230), &item(4)).unwrap_err(), KeyError::NoKey);
    assert_eq!(keys.get(Slot(u64::MAX), &item(4)).unwrap_err(), KeyError::NoKey);

    assert_eq!(keys.destroy(Slot(3), &item(4)), Err(KeyError::OtherItem));
    assert_eq!(keys.destroy(Slot(3), &item(3)), Ok(Destroyed::Done));
    assert_eq!(keys.destroy(Slot(3), &item(3)), Ok(Destroyed::AlreadyGone));
    keys.sync().expect("durable");
    let (mut keys, _) = KeyFile::open(&disk, &holder).expect("opens");
    assert_eq!(keys.get(Slot(3), &item(3)).unwrap_err(), KeyError::Destroyed);
    assert_eq!(keys.destroy(Slot(3), &item(3)), Ok(Destroyed::AlreadyGone));
    // Its slot is not used again before a rotation.
    assert_eq!(keys.add(&item(200), &data_key(200)), Ok(Slot(200)));
    let expected = |n| if n == 3 { SlotState::Destroyed(item(n)) } else { SlotState::Live(item(n)) };
    assert_eq!(states(&keys), (0..201).map(|n| (n, expected(n))).collect::<Vec<_>>());
}

#[test]
fn a_key_file_opens_with_its_own_key_only() {
    let (_folder, disk) = store();
    let (keys, holder) = key_file(&disk);
    let secrets = (keys.secrets().id_key(), keys.secrets().signer_seed());
    assert_ne!(secrets.0, secrets.1);
    assert_eq!(
        KeyFile::create(&disk, StoreId([8; 16]), &holder.make(Which::Next).unwrap(), keys.secrets())
            .unwrap_err(),
        KeyError::Exists
    );
    holder.forget_next().expect("forgotten");

    let reader = KeyFile::open_read(&disk, &holder).expect("opens");
    assert_eq!((reader.secrets().id_key(), reader.secrets().signer_seed()), secrets);
    let right = holder.current.lock().unwrap().replace(StoreKey::new([9; 32]));
    assert_eq!(KeyFile::open(&disk, &holder).unwrap_err(), KeyError::WrongKey);
    *holder.current.lock().unwrap() = None;
    assert_eq!(KeyFile::open(&disk, &holder).unwrap_err(), KeyError::NoStoreKey);
    *holder.current.lock().unwrap() = right;
    let mut reader = KeyFile::open_read(&disk, &holder).expect("opens");
    assert_eq!(reader.add(&item(1), &data_key(1)), Err(KeyError::ReadOnly));
    assert_eq!(reader.destroy(Slot(0), &item(1)), Err(KeyError::ReadOnly));
    assert_eq!(reader.sync(), Err(KeyError::ReadOnly));
}
