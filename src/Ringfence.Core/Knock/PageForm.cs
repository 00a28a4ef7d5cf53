using System.Text;
using Ringfence.Core.Events;

namespace Ringfence.Core.Knock;

/// <summary>What a browser sends of the form (application/x-www-form-urlencoded).</summary>
internal sealed record PageForm(string User, string Password, string Token)
{
    /// <summary>Of a whole form; ours has some 200.</summary>
    public const int MostBytes = 2048;

    /// <returns>null: it is no form of ours.</returns>
    public static PageForm? Read(ReadOnlySpan<byte> body)
    {
        if (body.Length > MostBytes)
        {
            return null;
        }

        string? user = null, password = null, token = null;
        foreach (var field in Encoding.ASCII.GetString(body).Split('&'))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            var value = equals < 0 ? "" : Uri.UnescapeDataString(field[(equals + 1)..].Replace('+', ' '));
            switch (equals < 0 ? field : field[..equals])
            {
                case "user" when user is null:
                    user = value;
                    break;
                case "password" when password is null:
                    password = value;
                    break;
                case "token" when token is null:
                    token = value;
                    break;
                default:
                    return null;
            }
        }

        return user is null || password is null || token is null ? null : new PageForm(user.Trim(), password, token);
    }

    /// <summary>Who asks, as a proxy says that puts the address of whoever asked it behind what it was sent: the last one is its own word, those before are anybody's.</summary>
    /// <param name="headers">Of X-Forwarded-For, in order.</param>
    public static Address? Forwarded(IReadOnlyList<string?> headers)
    {
        var last = headers.Count == 0 ? "" : (headers[^1] ?? "").Split(',')[^1].Trim();
        return last.Length > 60 ? null : Address.Parse(last) is { } plain ? plain
            : last.StartsWith('[') && last.IndexOf(']', StringComparison.Ordinal) is > 0 and var close && (close == last.Length - 1 || last[close + 1] == ':') ? Address.Parse(last[1..close])
            : last.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && Address.Parse(last[..colon]) is { IsIPv4: true } before ? before
            : null;
    }
}
