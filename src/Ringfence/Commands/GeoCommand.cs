using System.CommandLine;
using System.Globalization;
using Ringfence.Core.Events;
using Ringfence.Core.Geo;
using Ringfence.Output;
using Ringfence.Sources;

namespace Ringfence.Commands;

/// <summary><c>ringfence geo</c>: whose an address is, and how large countries are, by the databases at hand.</summary>
internal static class GeoCommand
{
    public static Command Build()
    {
        var addresses = new Argument<string[]>("address") { Description = "Addresses to look up.", HelpName = "ADDRESS", Arity = ArgumentArity.ZeroOrMore };
        var countries = new Option<bool>("--countries") { Description = "Say of every country how many networks and addresses it has." };
        var database = new Option<string[]>("--database") { Description = "Ask this file in place of those of [geo]; .mmdb or CSV. May be given several times.", HelpName = "FILE" };
        var json = SharedOptions.Json();
        var config = ConfigOption.Create();
        var verb = new Verb("geo", "Country, city and network operator of addresses, by the databases of [geo]. Nothing is asked over the network.")
        {
            Examples =
            [
                ("ringfence geo 203.0.113.5", "whose it is, and which database says so"),
                ("ringfence geo 203.0.113.5 2001:db8::1 --json", "several, for scripts"),
                ("ringfence geo --countries --database country.mmdb", "how large each country is in a file"),
            ],
        };
        verb.Add(addresses);
        verb.Add(countries);
        verb.Add(database);
        verb.Add(json);
        verb.Add(config);
        verb.Checks(result =>
        {
            if (result.GetValue(countries) == result.GetValue(addresses) is { Length: > 0 })
            {
                result.AddError("expected either addresses or --countries");
            }

            foreach (var text in result.GetValue(addresses) ?? [])
            {
                if (Address.Parse(text) is null)
                {
                    result.AddError($"{(text.Length > 100 ? $"{text[..100]}..." : text)}: expected an address such as 203.0.113.5 or 2001:db8::1");
                }
            }
        });
        return verb.Does((parsed, surroundings, _) =>
        {
            var paths = parsed.GetValue(database) is { Length: > 0 } given ? given : GeoFile.PathsOf(surroundings.ReadConfigToAsk(parsed.GetValue(config)));
            if (paths.Count == 0)
            {
                throw new MistakeException("no database of countries is known: set database = FILE in [geo] of ringfence.conf, or give --database FILE (an .mmdb of MaxMind, DB-IP or IPinfo, or a CSV)");
            }

            if (parsed.GetValue(database)?.FirstOrDefault(static path => !File.Exists(path)) is { } missing)
            {
                throw new MistakeException($"{missing}: there is no such file");
            }

            List<GeoFile> files = [.. paths.Select(GeoFile.Open)];
            var now = surroundings.Clock.GetUtcNow();
            var report = new GeoReport(
                [.. files.Select(file => new GeoDatabaseReport(file.Path, file.Database.Type, file.Built, file.IsOldAt(now), file.Database is GeoCsv list ? list.Mistakes : []))],
                parsed.GetValue(countries) ? null : [.. parsed.GetValue(addresses)!.Select(text => AddressReport(Address.Parse(text)!.Value, files))],
                parsed.GetValue(countries) ? CountryReports(files) : null);
            var screen = new Screen(surroundings);
            if (parsed.GetValue(json))
            {
                screen.Json(report, GeoJson.Default.GeoReport);
            }
            else
            {
                Print(report, now, screen);
            }

            return Task.FromResult(ExitCode.Fine);
        });
    }

    private static GeoAddressReport AddressReport(Address address, IReadOnlyList<GeoFile> files)
    {
        var record = GeoRecord.Empty;
        Network? narrowest = null;
        List<string> from = [];
        foreach (var file in files)
        {
            var answer = Find(file, address);
            if (answer.Record is { } found && found != GeoRecord.Empty)
            {
                record = record.Or(found);
                narrowest = narrowest is { } before && before.PrefixLength >= answer.Network.PrefixLength ? before : answer.Network;
                from.Add(file.Path);
            }
        }

        return new GeoAddressReport(
            address.ToString(),
            Null(record.Country.ToString()),
            Null(record.CountryName),
            Null(record.Continent),
            Null(record.City),
            record.Asn == 0 ? null : record.Asn,
            Null(record.Organisation),
            narrowest,
            GeoChoice.Local.Any(network => network.Contains(address)),
            from);
    }

    private static List<CountryReport> CountryReports(IReadOnlyList<GeoFile> files)
    {
        var table = files.Aggregate(GeoTable.Empty, static (table, file) => table.Or(file.ReadAll()));
        return [.. GeoSummary.Of(table).Select(static size => new CountryReport(Null(size.Country.ToString()), size.IPv4Networks, size.IPv4Addresses, size.IPv6Networks, size.IPv6Sites))];
    }

    private static GeoAnswer Find(GeoFile file, Address address)
    {
        try
        {
            return file.Database.Find(address);
        }
        catch (GeoFormatException problem)
        {
            throw new WorldFailedException($"{file.Path}: {problem.Message}", problem);
        }
    }

    private static void Print(GeoReport report, DateTimeOffset now, Screen screen)
    {
        foreach (var address in report.Addresses ?? [])
        {
            screen.Line($"{address.Address}: ", address switch
            {
                { From: [] } => new(address.IsLocal ? "a private or link-local address, which no country has" : "no database knows it", Tone.Warning),
                _ => Place(address),
            });
            if (address.From is not [])
            {
                screen.Line("  ", new Span($"{address.Network}, by {string.Join(", ", address.From)}", Tone.Faint));
            }
        }

        if (report.Countries is { } countries)
        {
            screen.Table(["Country", "IPv4 networks", "addresses", "IPv6 networks", "/64s"], [.. countries.Select(static country => new Span[]
            {
                country.Country ?? "unknown",
                country.IPv4Networks.ToString("N0", CultureInfo.InvariantCulture),
                country.IPv4Addresses.ToString("N0", CultureInfo.InvariantCulture),
                country.IPv6Networks.ToString("N0", CultureInfo.InvariantCulture),
                country.IPv6Sites.ToString("N0", CultureInfo.InvariantCulture),
            })]);
        }

        foreach (var database in report.Databases)
        {
            var days = (int)Math.Max(0, (now - database.Built).TotalDays);
            screen.Line(
                new Span($"{database.Path}: {database.Type}, of {database.Built.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}", Tone.Faint),
                database.IsOld ? new Span($", {days} days old: networks change hands, fetch a newer one (url in [geo])", Tone.Warning) : "");
            foreach (var mistake in database.Mistakes)
            {
                screen.Line(new Span($"{database.Path}: {mistake}", Tone.Warning));
            }
        }
    }

    private static Span Place(GeoAddressReport address)
    {
        var country = (address.Country, address.CountryName) switch
        {
            (null, null) => "country unknown",
            (null, { } name) => name,
            ({ } code, null) => code,
            ({ } code, { } name) => $"{name} ({code})",
        };
        var place = address.City is { } town ? $"{town}, {country}" : country;
        var asn = address.Asn is { } number ? $"AS{number.ToString(CultureInfo.InvariantCulture)}" : null;
        return string.Join(", ", new[] { place, string.Join(' ', new[] { asn, address.Organisation }.OfType<string>()) }.Where(static part => part.Length > 0));
    }

    private static string? Null(string text) => text.Length == 0 ? null : text;
}
