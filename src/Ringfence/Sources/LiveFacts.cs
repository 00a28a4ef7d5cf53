using System.Text;
using Ringfence.Core.Pbx;

namespace Ringfence.Sources;

/// <summary>Asks this machine what <see cref="HostFact"/> names, all at once. What is not installed or does not answer is left out: nothing is concluded from it.</summary>
internal static class LiveFacts
{
    /// <param name="directory">Where asterisk.conf is.</param>
    /// <param name="named">Where the rest of Asterisk's files is.</param>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(string directory, string named, TimeProvider clock, CancellationToken stop)
    {
        var asked = HostFact.All.Select(async fact => (fact.Name, Answer: await AskAsync(fact, directory, named, clock, stop)));
        return (await Task.WhenAll(asked)).Where(static fact => fact.Answer is not null).ToDictionary(static fact => fact.Name, static fact => fact.Answer!, StringComparer.Ordinal);
    }

    private static async Task<string?> AskAsync(HostFact fact, string directory, string named, TimeProvider clock, CancellationToken stop)
    {
        var answer = fact.Command is ["asterisk", "-rx", var command]
            ? await new AsteriskCli("asterisk", directory, clock).AskAsync(command, stop)
            : fact == HostFact.Nft ? await NftListing.ReadAsync(arguments => ShortCommand.RunAsync("nft", arguments, clock, stop))
            : await ShortCommand.RunAsync(fact.Command[0], [.. fact.CommandFor(named).Skip(1)], clock, stop);
        return answer.Problem is null ? Encoding.UTF8.GetString(answer.Output) : null;
    }
}
