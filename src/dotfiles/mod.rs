//! The company's dotfiles repo.
