"""Models that combine a network with other methods.

The methods are smoothing, trees and statistical methods. No module of `models/network` uses them."""
