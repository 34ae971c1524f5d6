# Writes power.json: power and sample size by pwr.
# Run in tests/parity: Rscript power.R
suppressMessages({library(jsonlite); library(pwr)})
t_two <- pwr.t.test(d = .5, power = .8); r <- pwr.r.test(r = .3, power = .8)
a <- pwr.anova.test(k = 3, f = .25, power = .8); p <- pwr.2p.test(h = ES.h(.5, .3), power = .8)
answers <- list(
  size = c(t_two$n, r$n, a$n, p$n),
  t = c(pwr.t.test(n = 20, d = .7)$power, pwr.t.test(n = 35, d = .4, type = "paired")$power,
        pwr.t.test(n = 15, d = .6, type = "one.sample", alternative = "greater", sig.level = .01)$power,
        pwr.t2n.test(n1 = 30, n2 = 70, d = .55)$power, pwr.t.test(n = 50, d = -.3)$power),
  r = c(pwr.r.test(n = 30, r = .4)$power, pwr.r.test(n = 200, r = .1, sig.level = .01)$power),
  anova = c(pwr.anova.test(k = 4, n = 25, f = .3)$power, pwr.anova.test(k = 2, n = 10, f = .5, sig.level = .1)$power),
  proportions = c(pwr.2p.test(h = ES.h(.2, .35), n = 120)$power, pwr.2p2n.test(h = ES.h(.1, .25), n1 = 60, n2 = 140)$power),
  regression = c(pwr.f2.test(u = 1, v = 95, f2 = .1)$power, pwr.f2.test(u = 3, v = 50, f2 = .2, sig.level = .01)$power),
  effect = pwr.t.test(n = 64, power = .8)$d)
write_json(answers, "power.json", digits = NA, auto_unbox = TRUE)
