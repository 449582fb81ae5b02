### The experiment page.

## The experiment

experiments = Experimentos
experiments-intro = Otras reglas y otros modelos puntúan en la sombra el mismo mercado, y cada uno se compara con lo que está en vigor en los mismos pares y momentos. Decide una regla fijada de antemano.
no-experiment = Aquí no hay experimento: está desactivado, no se guarda historial o este es un nodo de solo lectura.
experiment-early = Todavía no hay informe; aparece unos segundos después de la primera clasificación.
arms = Brazos
arm = Brazo
in-force = En vigor
arm-rule = La regla sola
arm-tuned = Regla ajustada
arm-previous = Lo anterior
arm-challenger-model = Modelo reentrenado
arm-challenger-rule = Regla reajustada
made-of = Modelo y perfil
rule-alone = sin modelo
arm-since = Desde
brier-both = Brier: suyo / base
resolved-days = Muestras / días
standing = Situación
needs-days = faltan días
needs-samples = faltan muestras
needs-fuerte = faltan FUERTE juzgados
stands-better = mejor, con certeza
stands-fuerte-worse = mejores probabilidades, pero FUERTE acierta menos
stands-worse = peor, con certeza
stands-equal = sin diferencia segura
rule-set = La regla, fijada de antemano
min-days = Días, como mínimo
min-resolved = Muestras juzgadas por ambos
min-fuerte = FUERTE juzgados de cada uno
rollback-days = Días para poder volver atrás
promotes-itself = Mejor es que el intervalo del 90 % por días enteros no toque el cero. Lo que es mejor entra en vigor solo, y vuelve atrás solo si deja de serlo.
promotes-asked = Mejor es que el intervalo del 90 % por días enteros no toque el cero. Nada cambia sin una orden: impulso experiment promote BRAZO.
experiment-log = Libro de cambios
experiment-log-empty = Todavía no se ha cambiado nada.
experiment-log-when = Cuándo
what-was-done = Qué
by-whom = Quién
by-rule = la regla
experiment-log-detail = Detalle
done-started = empieza en la sombra
done-promoted = entra en vigor
done-rolled-back = vuelve atrás
done-refused = rechazado
done-failed = falló
