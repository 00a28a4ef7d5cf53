using System.Text.Json;
using Ringfence.Core.Events;
using Ringfence.Core.Pbx;

namespace Ringfence.Core.Parsing;

/// <summary>A phone that is registered, as Asterisk's database holds it.</summary>
/// <param name="Endpoint">Whose password it had.</param>
/// <param name="CallId">Of the REGISTER: the same text as the SessionID of its SuccessfulAuth event, which has the true source address.</param>
/// <param name="UriHost">What the phone wrote into its Contact; its true address where the endpoint has rewrite_contact=yes. null if it is a name.</param>
/// <param name="ViaHost">What the phone wrote into its Via (sent-by), whatever via_addr sounds like. null if it is a name.</param>
internal sealed record RegisteredContact(string Endpoint, string CallId, Address? UriHost, Address? ViaHost, DateTimeOffset Expires);

/// <summary>Reads what "asterisk -rx 'database show registrar/contact'" prints.</summary>
/// <remarks>
/// Why not "pjsip show contacts": it cuts the URI to a column, so that 203.0.113.123 is shown as 203.0.113.12 behind a long name: another address, and a valid one.
/// The database's values are JSON, one to a line, line ends of the phone's escaped. Measured on Asterisk 22.10.1, with a phone that lied in Via and Contact:
/// via_addr is the lie in Via, uri the lie in Contact; with rewrite_contact=yes the uri has the address that the packet came from.
/// </remarks>
internal static class PjsipContacts
{
    private static ReadOnlySpan<byte> Family => "/registrar/contact/"u8;

    public static IReadOnlyList<RegisteredContact> Parse(ReadOnlySpan<byte> output)
    {
        var contacts = new List<RegisteredContact>();
        while (!output.IsEmpty)
        {
            var end = output.IndexOf((byte)'\n');
            var line = end < 0 ? output : output[..end];
            output = end < 0 ? [] : output[(end + 1)..];
            if (!line.StartsWith(Family))
            {
                continue;
            }

            // "/registrar/contact/AOR;@HASH: {...}", the colon padded to a column.
            var json = line.IndexOf((byte)'{');
            if (json >= 0 && ParseValue(line[json..]) is { } contact)
            {
                contacts.Add(contact);
            }
        }

        return contacts;
    }

    private static RegisteredContact? ParseValue(ReadOnlySpan<byte> json)
    {
        string? endpoint = null, callId = null, uri = null, via = null, expires = null;
        try
        {
            var reader = new Utf8JsonReader(json.TrimEnd((byte)'\r'));
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                {
                    continue;
                }

                var name = reader.GetString();
                reader.Read();
                if (reader.TokenType != JsonTokenType.String)
                {
                    reader.Skip();
                    continue;
                }

                switch (name)
                {
                    case "endpoint": endpoint = reader.GetString(); break;
                    case "call_id": callId = reader.GetString(); break;
                    case "uri": uri = reader.GetString(); break;
                    case "via_addr": via = reader.GetString(); break;
                    case "expiration_time": expires = reader.GetString(); break;
                    default: break;
                }
            }
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            // Text that is no UTF-8 inside a string.
            return null;
        }

        if (string.IsNullOrEmpty(endpoint) || !long.TryParse(expires, System.Globalization.NumberStyles.None, null, out var seconds)
            || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return null;
        }

        var host = uri is null ? null : SipHost.OfUri(uri);
        return new RegisteredContact(endpoint, callId ?? "", host is null ? null : Address.Parse(host), via is null ? null : Address.Parse(via.Trim('[', ']')),
            DateTimeOffset.FromUnixTimeSeconds(seconds));
    }
}
