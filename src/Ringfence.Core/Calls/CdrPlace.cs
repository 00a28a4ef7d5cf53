namespace Ringfence.Core.Calls;

internal enum CdrPlaceKind
{
    /// <summary>CSV, or a database of SQLite: the first bytes say which.</summary>
    File,
    MySql,
    PostgreSql,
}

/// <summary>Where a PBX keeps the records of its calls.</summary>
/// <param name="Path">Of a file; of a database a socket, or of PostgreSQL its directory; "" for none.</param>
/// <param name="Host">Of a database; "" where a socket is given.</param>
/// <param name="Port">0: the usual one.</param>
/// <param name="Database">"" for a file.</param>
internal sealed record CdrPlace(CdrPlaceKind Kind, string Path, string Host, int Port, string Database)
{
    /// <summary>What <see cref="Parse"/> takes, for messages.</summary>
    public const string Expected = "an absolute path, mysql://HOST/DATABASE, postgresql://HOST/DATABASE, or with a socket mysql:///DATABASE?socket=/PATH";

    /// <summary>A database is asked; a file is read.</summary>
    public bool IsServer => Kind != CdrPlaceKind.File;

    /// <returns>null: it is none.</returns>
    public static CdrPlace? Parse(string text)
    {
        if (text.StartsWith('/'))
        {
            return text.Length > 1 && !text.EndsWith('/') ? new CdrPlace(CdrPlaceKind.File, text, "", 0, "") : null;
        }

        // Not Uri: it lets through what is no name of a database, and a password before the host would be taken and shown.
        var (kind, rest) = text.StartsWith("mysql://", StringComparison.Ordinal) ? (CdrPlaceKind.MySql, text[8..])
            : text.StartsWith("postgresql://", StringComparison.Ordinal) ? (CdrPlaceKind.PostgreSql, text[13..]) : default;
        if (kind == CdrPlaceKind.File || rest.Split('/', 2) is not [var server, var behind] || rest.Contains('@', StringComparison.Ordinal))
        {
            return null;
        }

        var database = behind;
        var socket = "";
        if (behind.IndexOf("?socket=", StringComparison.Ordinal) is >= 0 and var at)
        {
            (database, socket) = (behind[..at], behind[(at + "?socket=".Length)..]);
        }

        if (!IsName(database) || (server.Length == 0) == (socket.Length == 0) || (socket.Length > 0 && (!socket.StartsWith('/') || socket.Any(static c => c is ';' or '=' || char.IsControl(c)))))
        {
            return null;
        }

        var (host, port) = (server, 0);
        if (server.LastIndexOf(':') is > 0 and var colon && server.IndexOf(']', StringComparison.Ordinal) < colon)
        {
            if (!int.TryParse(server[(colon + 1)..], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out port) || port is 0 or > 65535)
            {
                return null;
            }

            host = server[..colon];
        }

        host = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        return host.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':') ? new CdrPlace(kind, socket, host, port, database) : null;
    }

    /// <summary>Of a database or a table: nothing that would have to be escaped anywhere.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= 64 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '$');

    public override string ToString() => Kind switch
    {
        CdrPlaceKind.MySql => $"mysql://{Host}/{Database}{Socket}",
        CdrPlaceKind.PostgreSql => $"postgresql://{Host}/{Database}{Socket}",
        _ => Path,
    };

    private string Socket => Path.Length > 0 ? $"?socket={Path}" : "";
}
