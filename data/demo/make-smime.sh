#!/bin/sh
# Makes the S/MIME part of the demo organisation: a demo CA, one certificate and PKCS#12 file per user, and one message
# of each kind of protection (RFC 8551). Run it to renew them; the results are kept in smime/ beside this script.
#
# The password of every PKCS#12 file is "larkspur". The CA's private key is thrown away when the script ends, so that
# nobody who trusts this CA on a phone can be deceived by a key that lies in a public repository.
# 3DES and SHA-1 protect the PKCS#12 files because older phones read nothing newer; their content is public anyway.
set -eu
umask 077
here=$(cd "$(dirname "$0")" && pwd)
out="$here/smime"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
days=7300
domain=larkspur.example
password=larkspur

openssl req -x509 -newkey rsa:3072 -nodes -sha256 -days "$days" -keyout "$work/ca.key" -out "$out/demo-ca.crt" \
  -subj "/O=Larkspur Kites (demo)/CN=Larkspur Demo CA" \
  -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" 2>"$work/log"

issue() { # local part, display name
  cat >"$work/$1.ext" <<EXT
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature,keyEncipherment
extendedKeyUsage=emailProtection
subjectAltName=email:$1@$domain
subjectKeyIdentifier=hash
authorityKeyIdentifier=keyid
EXT
  openssl req -newkey rsa:2048 -nodes -sha256 -keyout "$work/$1.key" -out "$work/$1.csr" \
    -subj "/O=Larkspur Kites (demo)/CN=$2/emailAddress=$1@$domain" 2>>"$work/log"
  openssl x509 -req -sha256 -days "$days" -in "$work/$1.csr" -CA "$out/demo-ca.crt" -CAkey "$work/ca.key" \
    -CAcreateserial -CAserial "$work/serial" -extfile "$work/$1.ext" -out "$out/$1.crt" 2>>"$work/log"
  openssl pkcs12 -export -inkey "$work/$1.key" -in "$out/$1.crt" -certfile "$out/demo-ca.crt" -name "$2" \
    -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1 -passout "pass:$password" -out "$out/$1.p12"
  chmod 644 "$out/$1.p12" "$out/$1.crt"
}
issue mina.cho "Mina Cho"
issue jonas.weber "Jonas Weber"
issue sofia.almeida "Sofia Almeida"
chmod 644 "$out/demo-ca.crt"

team="Larkspur team <team@$domain>"
recipients="$out/mina.cho.crt $out/jonas.weber.crt $out/sofia.almeida.crt"
crlf() { sed 's/$/\r/'; }

# RFC 8551 section 3.1: the entity is canonical (CRLF) before it is signed.
crlf >"$work/clear.txt" <<TXT
Content-Type: multipart/mixed; boundary="=_offer"

--=_offer
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Dear all,

this is the offer for the harbour museum as it will go out, signed so that
nobody can change the price between us and them: 24 kites, EUR 3=E2=80=AF840.

Sofia
--=_offer
Content-Type: text/csv; name="offer.csv"
Content-Disposition: attachment; filename="offer.csv"

item,pieces,price
Box kite "Tejo",12,180
Delta "Alfama",12,140
--=_offer--
TXT
openssl cms -sign -binary -crlfeol -md sha256 -signer "$out/sofia.almeida.crt" -inkey "$work/sofia.almeida.key" \
  -certfile "$out/demo-ca.crt" -in "$work/clear.txt" -from "Sofia Almeida <sofia.almeida@$domain>" -to "$team" \
  -subject "Offer for the harbour museum (signed)" -out "$out/clear-signed.eml"

crlf >"$work/opaque.txt" <<TXT
Content-Type: text/plain; charset=utf-8

The test flight of the new delta is approved: 42 minutes aloft at 5 Beaufort,
no torn seams. I sign for it.

Jonas
TXT
openssl cms -sign -binary -crlfeol -nodetach -md sha256 -signer "$out/jonas.weber.crt" -inkey "$work/jonas.weber.key" \
  -certfile "$out/demo-ca.crt" -in "$work/opaque.txt" -from "Jonas Weber <jonas.weber@$domain>" -to "$team" \
  -subject "Test flight protocol (signed, opaque)" -out "$out/opaque-signed.eml"

crlf >"$work/encrypted.txt" <<TXT
Content-Type: text/plain; charset=utf-8

The new wing profile, before the patent is filed: the keel moves back by 18 mm
and the bridle gets a third leg. Please do not forward.

Mina
TXT
openssl cms -encrypt -binary -crlfeol -aes-256-cbc -in "$work/encrypted.txt" -from "Mina Cho <mina.cho@$domain>" -to "$team" \
  -subject "New wing profile (encrypted)" -out "$out/encrypted.eml" $recipients

crlf >"$work/both.txt" <<TXT
Content-Type: text/plain; charset=utf-8

The salaries for next year, as we agreed on Tuesday: everybody gets the same
rise of 3.2 percent. Signed and for your eyes only.

Sofia
TXT
openssl cms -sign -binary -crlfeol -md sha256 -signer "$out/sofia.almeida.crt" -inkey "$work/sofia.almeida.key" \
  -certfile "$out/demo-ca.crt" -in "$work/both.txt" -out "$work/both.signed"
openssl cms -encrypt -binary -crlfeol -aes-256-cbc -in "$work/both.signed" -from "Sofia Almeida <sofia.almeida@$domain>" -to "$team" \
  -subject "Salaries next year (signed and encrypted)" -out "$out/signed-then-encrypted.eml" $recipients
# openssl writes base64 with LF; the signed octets themselves are CRLF already.
for message in "$out"/*.eml; do
  sed 's/\r*$/\r/' "$message" >"$work/canonical.eml"
  cat "$work/canonical.eml" >"$message"
done
chmod 644 "$out"/*.eml

# What was made is read back before it is believed.
openssl cms -verify -CAfile "$out/demo-ca.crt" -purpose smimesign -in "$out/clear-signed.eml" -out "$work/clear.back" 2>>"$work/log"
openssl cms -verify -CAfile "$out/demo-ca.crt" -purpose smimesign -in "$out/opaque-signed.eml" -out "$work/opaque.back" 2>>"$work/log"
for user in mina.cho jonas.weber sofia.almeida; do
  openssl cms -decrypt -recip "$out/$user.crt" -inkey "$work/$user.key" -in "$out/encrypted.eml" -out "$work/encrypted.back"
  openssl cms -decrypt -recip "$out/$user.crt" -inkey "$work/$user.key" -in "$out/signed-then-encrypted.eml" -out "$work/both.back"
  openssl cms -verify -CAfile "$out/demo-ca.crt" -in "$work/both.back" -out "$work/both.inner" 2>>"$work/log"
  cmp "$work/both.txt" "$work/both.inner"
done
cmp "$work/clear.txt" "$work/clear.back"
cmp "$work/opaque.txt" "$work/opaque.back"
cmp "$work/encrypted.txt" "$work/encrypted.back"
echo "made $(ls "$out" | wc -l) files in smime/"
