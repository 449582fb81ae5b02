### What every page has: head, navigation, footer, keyboard, sign-in.

## The shell

tagline = Escáner de momentum USDT
skip = Ir al contenido
nav = Secciones
market = Mercado
alerts = Alertas
status = Estado
theme = Cambiar entre tema claro y oscuro
other-lang = English
admin = Administración del simulador:
problems = Problemas
unknown = no se sabe
since = desde las
stale-data = Lo que ves no está al día. Edad de los datos:
read-only = Este nodo solo muestra lo que publica un escáner; no se cambia nada desde aquí.
not-operator = Para cambiar algo, entra: abre la dirección que muestra `impulso open` en la máquina del escáner, o usa un token.
footer = Nada de esto es un consejo de inversión. Las horas son UTC.

## Keyboard

help = Teclado
close = Cerrar
key-search = buscar
key-move = fila siguiente o anterior
key-open = abrir el par
key-star = seguir el par o dejar de seguirlo
key-all = top 10 o todos
key-help = esta ayuda

## Sign-in

sign-in-again = Entrar con otro token
sign-in = Entrar
sign-in-how = Esta página necesita un token. En la máquina del escáner: impulso token create NOMBRE --scope read. Para cambiar cosas: --scope operate, o abre la dirección que muestra impulso open.
sign-in-token = Token
