//! Turns: acts on one case queue up in this node, so that fifty signers do not collide in the database.
//! What another node does is found by the guard of the commit, not here.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{Mutex as Queue, OwnedMutexGuard};

type Queues<K> = Mutex<HashMap<K, Arc<Queue<()>>>>;

/// One queue for each key that somebody waits for.
#[derive(Debug)]
pub struct Turns<K: Eq + Hash + Copy>(Arc<Queues<K>>);

impl<K: Eq + Hash + Copy> Default for Turns<K> {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(HashMap::new())))
    }
}

/// One's turn; the next in the queue comes when it is dropped.
#[derive(Debug)]
pub struct Turn<K: Eq + Hash + Copy> {
    key: K,
    queues: Arc<Queues<K>>,
    held: Option<OwnedMutexGuard<()>>,
}

impl<K: Eq + Hash + Copy> Turns<K> {
    /// Waits until nobody else in this node acts on `key`.
    pub async fn take(&self, key: K) -> Turn<K> {
        let queue = {
            let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(queues.entry(key).or_default())
        };
        let held = queue.lock_owned().await;
        Turn { key, queues: Arc::clone(&self.0), held: Some(held) }
    }
}

impl<K: Eq + Hash + Copy> Drop for Turn<K> {
    fn drop(&mut self) {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.held.take());
        // Whoever waits holds the queue too; with nobody waiting only the map has it.
        if queues.get(&self.key).is_some_and(|queue| Arc::strong_count(queue) == 1) {
            queues.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn one_key_is_taken_by_one_at_a_time_and_forgotten_afterwards() {
        let turns = Arc::new(Turns::<u32>::default());
        let (inside, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut all = vec![];
        for _ in 0..20 {
            let (turns, inside, most) =
                (Arc::clone(&turns), Arc::clone(&inside), Arc::clone(&most));
            all.push(tokio::spawn(async move {
                let _turn = turns.take(7).await;
                most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                inside.fetch_sub(1, Ordering::SeqCst);
            }));
        }
        for one in all {
            one.await.expect("a turn ends");
        }
        assert_eq!(most.load(Ordering::SeqCst), 1);
        assert!(turns.0.lock().expect("nobody panicked").is_empty());
    }
}
