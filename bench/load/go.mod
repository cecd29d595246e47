module tributary/bench/load

go 1.24
