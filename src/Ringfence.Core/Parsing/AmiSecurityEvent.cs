using Ringfence.Core.Events;

namespace Ringfence.Core.Parsing;

/// <summary>A SecurityEvent as the manager interface tells it: a line for each field.</summary>
internal static class AmiSecurityEvent
{
    /// <summary>Reads one message, whole.</summary>
    /// <returns>Kind None: it is none, or not whole.</returns>
    /// <param name="message">From "Event: " to its empty line, which is not in it, nor the line end before.</param>
    /// <remarks>
    /// The message must be complete: every field that Asterisk gives the event, each once, none besides. It is read from its end, as the log's record is: the fields
    /// behind RemoteAddress are few and known, before them stand RemoteAddress, LocalAddress and SessionID, a line each. What is left
    /// between EventVersion and SessionID is AccountID and its value, line ends and forged headers included.
    /// </remarks>
    public static LogRecord Read(ReadOnlySpan<byte> message)
    {
        var opening = AmiOpening.Read(message);
        var (kind, required, allowed) = SecurityFields.Shape(opening.Name);
        if (!opening.IsValid || kind == EventKind.None)
        {
            return default;
        }

        allowed |= SecurityField.Module;
        var body = message[opening.Length..];
        var seen = SecurityField.None;
        ReadOnlySpan<byte> aclName = default;
        ReadOnlySpan<byte> lastAccount = default;
        var usingPassword = true;
        var line = LastLine(ref body);
        while (!line.StartsWith("RemoteAddress: "u8))
        {
            var colon = line.IndexOf(": "u8);
            var field = colon < 0 ? SecurityField.None : SecurityFields.Named(line[..colon]);
            if (field == SecurityField.None || (seen & field) != SecurityField.None || (allowed & field) == SecurityField.None || body.IsEmpty)
            {
                return default;
            }

            seen |= field;
            var value = line[(colon + 2)..];
            if (field == SecurityField.AclName)
            {
                aclName = value;
            }
            else if (field == SecurityField.UsingPassword)
            {
                usingPassword = !value.SequenceEqual("0"u8);
            }
            else if (field == SecurityField.Account)
            {
                lastAccount = value;
            }

            line = LastLine(ref body);
        }

        var peer = SecurityFields.Endpoint(line["RemoteAddress: ".Length..]);
        var local = LastLine(ref body);
        var session = LastLine(ref body);
        if ((seen & required) != required || peer.Transport == Transport.Unknown || !local.StartsWith("LocalAddress: IPV"u8) || !session.StartsWith("SessionID: "u8))
        {
            return default;
        }

        var account = lastAccount;
        if ((allowed & SecurityField.Account) == SecurityField.None)
        {
            if (!body.StartsWith(AmiFrame.AccountName) || !body.EndsWith("\r\n"u8))
            {
                return default;
            }

            account = body[AmiFrame.AccountName.Length..^2];
        }
        else if (!body.IsEmpty)
        {
            return default;
        }

        var record = new LogRecord
        {
            Kind = SecurityFields.Refine(kind, opening.Service, account, aclName, usingPassword),
            Service = opening.Service,
            Transport = peer.Transport,
            Source = peer.Address,
            Port = peer.Port,
            Account = account,
            Session = session["SessionID: ".Length..],
            Detail = aclName.IsEmpty ? opening.Name : aclName,
            EventTime = opening.EventTime,
        };

        // Longer than PJSIP writes: not the form that is known here.
        return record.IsInjected && opening.Service == Service.Pjsip && account.Length > SecurityRecord.LongestPjsipAccount ? default : record;
    }

    // Takes it off the text, which keeps the line end of the line before.
    private static ReadOnlySpan<byte> LastLine(scoped ref ReadOnlySpan<byte> text)
    {
        var whole = text.EndsWith("\r\n"u8) ? text[..^2] : text;
        var before = whole.LastIndexOf("\r\n"u8);
        var line = before < 0 ? whole : whole[(before + 2)..];
        text = before < 0 ? default : whole[..(before + 2)];
        return line;
    }
}
