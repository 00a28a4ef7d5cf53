using System.CommandLine;
using Ringfence.Core.Events;

namespace Ringfence.Commands;

/// <summary>Arguments and options that several verbs share.</summary>
internal static class NetworkArgument
{
    public static Argument<Network?> Create(string description, ArgumentArity arity) => new("address")
    {
        Description = description,
        HelpName = "ADDRESS",
        Arity = arity,
        CustomParser = result =>
        {
            if (result.Tokens.Count == 0)
            {
                return null;
            }

            var text = result.Tokens[0].Value;
            if (Network.Parse(text) is { } network)
            {
                return network;
            }

            result.AddError($"{(text.Length > 100 ? $"{text[..100]}..." : text)}: expected an address or a network such as 203.0.113.5, 203.0.113.0/24 or 2001:db8::/32{Hint(text)}");
            return null;
        },
    };

    // 203.0.113.7/24 is refused because it names either a host or a network; say both.
    private static string Hint(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || Address.Parse(text[..slash]) is not { } address)
        {
            return "";
        }

        return int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out var length) && length <= (address.IsIPv4 ? 32 : 128)
            ? $"; {address} lies in {new Network(address, length)}: which one is meant?"
            : "";
    }
}
