using System.Text.Json;
using Ringfence.Core.Lists;
using Ringfence.Core.Perimeter;

namespace Ringfence.Sources;

/// <summary>What <c>nft -j list ruleset</c> prints, without what our own large sets hold: a million networks of blocklists would take it ten seconds and a gigabyte.</summary>
/// <remarks>
/// The table of blocklists is left out as a whole: whoever is on no list meets nothing there. Of the policy's table the sets of countries are left out, so that a rule that asks them is one that nobody can follow.
/// </remarks>
internal static class NftListing
{
    /// <param name="ask">Runs nft with these arguments.</param>
    public static async Task<CommandAnswer> ReadAsync(Func<string[], Task<CommandAnswer>> ask)
    {
        var listed = await ask(["-j", "list", "tables"]);
        if (listed.Problem is not null || Tables(listed.Output) is not { } tables || !tables.Exists(static table => table is ("inet", ListRules.Name or NftPolicy.Table)))
        {
            return listed.Problem is not null && listed.IsMissing ? listed : await ask(["-j", "list", "ruleset"]);
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("nftables");
            foreach (var (family, name) in tables.Where(static table => table is not ("inet", ListRules.Name)))
            {
                var isPolicy = (family, name) is ("inet", NftPolicy.Table);
                var answer = await ask(isPolicy ? ["-j", "-t", "list", "table", family, name] : ["-j", "list", "table", family, name]);
                if (answer.Problem is not null || !await CopyAsync(answer.Output, isPolicy ? ask : null, json))
                {
                    return answer.Problem is not null ? answer : answer with { Problem = "nft printed no list of a table" };
                }
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return new CommandAnswer(buffer.ToArray(), null);
    }

    private static List<(string Family, string Name)>? Tables(byte[] output)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            return [.. document.RootElement.GetProperty("nftables").EnumerateArray().Where(static item => item.TryGetProperty("table", out _)).Select(static item => item.GetProperty("table"))
                .Select(static table => (table.GetProperty("family").GetString() ?? "", table.GetProperty("name").GetString() ?? ""))];
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    /// <param name="ask">Asks for what each set holds, which the output lacks; null: it holds it.</param>
    private static async Task<bool> CopyAsync(byte[] output, Func<string[], Task<CommandAnswer>>? ask, Utf8JsonWriter json)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            foreach (var item in document.RootElement.GetProperty("nftables").EnumerateArray().Where(static item => !item.TryGetProperty("metainfo", out _)))
            {
                if (ask is null || !item.TryGetProperty("set", out var set))
                {
                    item.WriteTo(json);
                    continue;
                }

                var name = set.GetProperty("name").GetString() ?? "";
                if (name.Contains(GeoChains.Mark, StringComparison.Ordinal))
                {
                    continue;
                }

                var answer = await ask(["-j", "list", "set", "inet", NftPolicy.Table, name]);
                if (answer.Problem is not null || !await CopyAsync(answer.Output, null, json))
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return false;
        }
    }
}
