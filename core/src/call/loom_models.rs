//! Every interleaving, within loom's bounds, of what races in a call and at the gate.
//! `scripts/loom` runs it.

use std::sync::Arc;
use std::time::Duration;

use loom::future::block_on;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use crate::call::Call;
use crate::call::gate::{Bounds, Gate, Needs, Permit};
use crate::error::Error;

const NEEDS: Needs = Needs { bytes: 0, timeout: Duration::MAX };

fn new_call() -> Arc<Call> {
    Arc::new(Call::start(None))
}

/// Explores with this many forced switches between threads in one run: the races are between two or
/// three short critical sections, and more switches only repeat what was seen.
fn explore(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

fn gate(max_queued: usize) -> Gate {
    Gate::new(Bounds { calls: max_queued, bytes: 0, time: None })
}

/// A gate with all places taken but `free`, and who holds them.
fn gate_with_free_places(free: usize, max_queued: usize) -> (Arc<Gate>, Vec<Permit>) {
    let gate = Arc::new(gate(max_queued));
    let held = (free..Gate::LIMIT).map(|_| gate.enqueue(&new_call(), NEEDS).unwrap()).collect();
    (gate, held)
}

/// Waits for a place and gives it up.
async fn granted(permit: Result<Permit, Error>) -> Result<(), Error> {
    let permit = permit?; // bound, or it would be given up before the place is there
    permit.granted().await;
    Ok(())
}

#[test]
fn start_abort_and_finish_race_to_one_outcome() {
    explore(4, || {
        let call = new_call();
        let ended: Vec<_> = [Error::Aborted, Error::ClientClosed]
            .map(|error| {
                let call = Arc::clone(&call);
                thread::spawn(move || call.end(error))
            })
            .into();
        let result = block_on(call.run(async {
            thread::yield_now();
            Ok("done")
        }));
        let ended: Vec<bool> = ended.into_iter().map(|thread| thread.join().unwrap()).collect();
        match (result, &ended[..]) {
            (Ok("done"), [false, false]) => {}
            (Err(Error::Aborted), [true, false]) => {}
            (Err(Error::ClientClosed), [false, true]) => {}
            other => panic!("{other:?}"),
        }
        assert!(!call.end(Error::Aborted), "nothing changes a settled call");
    });
}

#[test]
fn an_abort_wakes_a_call_whose_work_waits_for_ever_and_drops_the_work() {
    struct CountsDrop(Arc<AtomicUsize>);
    impl Drop for CountsDrop {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    explore(4, || {
        let call = new_call();
        let aborts = {
            let call = Arc::clone(&call);
            thread::spawn(move || call.end(Error::Aborted))
        };
        let dropped = Arc::new(AtomicUsize::new(0));
        let held = CountsDrop(Arc::clone(&dropped));
        let work = async move {
            let _held = held;
            std::future::pending::<Result<(), Error>>().await
        };
        assert_eq!(block_on(call.run(work)), Err(Error::Aborted));
        assert_eq!(dropped.load(Ordering::SeqCst), 1);
        assert!(aborts.join().unwrap());
    });
}

#[test]
fn of_two_that_wait_for_one_place_each_gets_it_and_never_both_at_once() {
    explore(3, || {
        let (gate, held) = gate_with_free_places(1, 2);
        let inside = Arc::new(AtomicUsize::new(0));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let (gate, inside) = (Arc::clone(&gate), Arc::clone(&inside));
                thread::spawn(move || {
                    let call = new_call();
                    let permit = gate.enqueue(&call, NEEDS);
                    block_on(call.run(async {
                        let permit = permit?;
                        permit.granted().await;
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "alone");
                        thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                        Ok::<_, Error>(())
                    }))
                })
            })
            .collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), Ok(()));
        }
        assert_eq!((gate.in_flight(), gate.queued()), (Gate::LIMIT - 1, 0));
        drop(held);
        assert_eq!(gate.in_flight(), 0);
    });
}

#[test]
fn an_abort_that_races_with_admission_loses_no_place() {
    explore(3, || {
        let (gate, mut held) = gate_with_free_places(0, 2);
        let (first, second) = (new_call(), new_call());
        let first_permit = gate.enqueue(&first, NEEDS);
        let second_permit = gate.enqueue(&second, NEEDS);
        let number = first_permit.as_ref().unwrap().number;
        let abort = {
            let (gate, first) = (Arc::clone(&gate), Arc::clone(&first));
            thread::spawn(move || {
                first.end(Error::Aborted);
                gate.cancel(number);
            })
        };
        let leave = {
            let place = held.pop();
            thread::spawn(move || drop(place))
        };
        let outcome = block_on(first.run(granted(first_permit)));
        assert!(matches!(outcome, Ok(()) | Err(Error::Aborted)), "{outcome:?}");
        // Whatever became of the first, the second gets the place.
        assert_eq!(block_on(second.run(granted(second_permit))), Ok(()));
        abort.join().unwrap();
        leave.join().unwrap();
        assert_eq!((gate.in_flight(), gate.queued()), (Gate::LIMIT - 1, 0));
        drop(held);
    });
}

#[test]
fn a_call_enqueued_while_the_device_goes_offline_is_refused_or_ended() {
    explore(3, || {
        let (gate, held) = gate_with_free_places(0, 2);
        let offline = {
            let gate = Arc::clone(&gate);
            thread::spawn(move || gate.set_online(false))
        };
        let call = new_call();
        let permit = gate.enqueue(&call, NEEDS);
        let outcome = block_on(call.run(granted(permit)));
        assert_eq!(outcome, Err(Error::Offline));
        offline.join().unwrap();
        assert_eq!((gate.in_flight(), gate.queued()), (Gate::LIMIT, 0));
        drop(held);
    });
}

#[test]
fn the_end_of_the_client_ends_queued_calls_and_calls_in_flight() {
    explore(3, || {
        let (gate, mut held) = gate_with_free_places(1, 2);
        let close = {
            let gate = Arc::clone(&gate);
            thread::spawn(move || gate.close())
        };
        let leave = {
            let place = held.pop();
            thread::spawn(move || drop(place))
        };
        let (in_flight, waiting) = (new_call(), new_call());
        let permits = [gate.enqueue(&in_flight, NEEDS), gate.enqueue(&waiting, NEEDS)];
        for (call, permit) in [&in_flight, &waiting].into_iter().zip(permits) {
            let for_ever = async {
                let permit = permit?;
                permit.granted().await;
                std::future::pending::<Result<(), Error>>().await
            };
            assert_eq!(block_on(call.run(for_ever)), Err(Error::ClientClosed));
        }
        close.join().unwrap();
        leave.join().unwrap();
        drop(held);
        assert_eq!((gate.in_flight(), gate.queued()), (0, 0));
    });
}

#[test]
fn a_call_started_in_the_foreground_survives_the_end_of_an_old_grace_period() {
    explore(4, || {
        let gate = Arc::new(gate(0));
        let stay = gate.enter_background().unwrap();
        let grace = {
            let gate = Arc::clone(&gate);
            thread::spawn(move || gate.suspend(stay))
        };
        gate.enter_foreground();
        // A call of the foreground does not belong to the old stay.
        let call = new_call();
        let permit = gate.enqueue(&call, NEEDS);
        let outcome: Result<(), Error> = block_on(call.run(async {
            let permit = permit?;
            permit.granted().await;
            thread::yield_now();
            Ok(())
        }));
        assert_eq!(outcome, Ok(()));
        grace.join().unwrap();
    });
}
