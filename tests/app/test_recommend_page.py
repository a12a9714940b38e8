"""Recommend from an initiator: the search, both lists, their filters, and links to them."""

from page_words import button, english, said, unmarked

from app.text.numbers import percent, whole_percent
from app.text.plain import escape_markdown
from app.text.reasons import reason_text
from db.queries import entities
from engine.track_record import read_track_records

# Recommend


def test_an_initiator_is_found_by_name_id_and_part_of_a_name(visit, trained, initiator):
    for text in (initiator.name, initiator.id, initiator.name[:-1]):
        test = visit(trained)
        test.text_input(key="search").set_value(text).run()
        pills = test.button_group(key="found")
        assert initiator.name in " ".join(pills.options)
        pills.set_value(initiator.id).run()
        assert test.query_params["initiator"] == initiator.id
        assert initiator.name in said(test)


def test_a_search_that_finds_nobody_says_so_and_what_to_try(visit, trained):
    test = visit(trained)
    test.text_input(key="search").set_value("*no*body*").run()
    assert english("search.none", text="*no*body*") in said(test)


def test_the_list_is_the_engines_in_its_order_with_its_reasons(
    visit, trained, model, initiator, monkeypatch
):
    monkeypatch.setattr("app.text.reasons.language", lambda: "en")
    test = visit(trained, initiator=initiator.id)
    ranking = model.rank_items(initiator.id, top=20)
    labels = [unmarked(b.label) for b in test.button if str(b.key).startswith("item-")]
    assert labels == [f"{result.rank}. {result.name}" for result in ranking.results]
    text = said(test)
    for result in ranking.results:
        for reason in result.reasons:
            assert reason_text(reason) in text


def test_choosing_an_item_shows_who_would_join_and_how_its_groups_have_gone(
    visit, trained, model, initiator
):
    test = visit(trained, initiator=initiator.id)
    item = model.rank_items(initiator.id, top=20).results[1]
    test.button(key=f"item-{item.id}").click().run()
    assert test.query_params["item"] == item.id
    text = said(test)
    assert english("participants.title", item=item.name) in text
    people = model.rank_participants(initiator.id, item.id, top=20).results
    assert [b.key for b in test.button if str(b.key).startswith("participant-")] == [
        f"participant-{person.id}" for person in people
    ]
    assert english("share.participants.lead") in text
    record = read_track_records(trained.store()).of(item.id)
    figures = {metric.label: metric.value for metric in test.metric}
    assert figures[english("track_record.label")] == whole_percent(record.rate)
    counts = {"successes": record.successes, "closed": record.closed}
    assert figures[english("track_record.succeeded")] == english("track_record.of", **counts)
    assert english("track_record.note") in text


def test_a_percentage_in_a_list_says_what_it_is_a_share_of(visit, trained, model, initiator):
    items = model.rank_items(initiator.id, top=20).results
    people = model.rank_participants(initiator.id, items[0].id, top=20).results
    test = visit(trained, initiator=initiator.id, item=items[0].id)
    assert english("share.items.lead") in said(test)
    assert [bar.proto.text for bar in test.get("progress")] == [
        *(english("share.items", share=percent(one.probability)) for one in items),
        *(english("share.participants", share=percent(one.probability)) for one in people),
    ]


def test_a_link_reopens_the_view_with_the_model_that_made_it(visit, trained, model, initiator):
    item = model.rank_items(initiator.id, top=20).results[0]
    test = visit(trained, initiator=initiator.id, item=item.id, model=model.version)
    assert english("participants.title", item=item.name) in said(test)
    assert test.query_params["model"] == model.version


def test_a_selection_stays_with_its_item_when_a_filter_changes_the_rows(
    visit, trained, model, initiator
):
    item = model.rank_items(initiator.id, top=20).results[4]
    test = visit(trained, initiator=initiator.id, item=item.id)
    category = entities.item_frame(trained.store()).loc[item.id, "category"]
    test.multiselect(key="categories").set_value([category]).run()
    keys = [b.key for b in test.button if str(b.key).startswith("item-")]
    assert keys.index(f"item-{item.id}") < 4
    assert test.query_params["item"] == item.id
    other = next(c for c in entities.item_frame(trained.store())["category"] if c != category)
    test.multiselect(key="categories").set_value([other]).run()
    assert f"item-{item.id}" not in [b.key for b in test.button]
    assert english("participants.title", item=item.name) in said(test)


def test_filters_that_nothing_passes_say_how_to_widen_them(visit, trained, initiator):
    test = visit(trained, initiator=initiator.id)
    test.select_slider(key="least").set_value(0.5).run()
    assert english("items.none.next") in said(test)


def test_links_to_what_is_not_in_the_store_say_so(visit, trained, model, initiator):
    assert english("initiator.unknown") in said(visit(trained, initiator="nobody"))
    assert english("item.unknown") in said(visit(trained, initiator=initiator.id, item="nothing"))
    test = visit(trained, initiator=initiator.id, model="never-trained")
    assert english("model.trouble") in said(test)
    button(test, english("model.use_serving")).click().run()
    assert test.query_params["model"] == model.version
    assert initiator.name in said(test)


def test_a_user_new_since_the_training_is_marked(visit, copied, tmp_path):
    logs = tmp_path / "new.csv"
    logs.write_text("团长,商品,团员\nnew-1,P2001,new-2\n", encoding="utf-8")
    copied.import_file(logs)
    test = visit(copied, initiator="new-1")
    assert f":gray-badge[{english('new_to_model')}]" in said(test)
    assert english("new_to_model.help") in said(test)


def test_names_from_uploaded_files_are_never_rendered_as_markdown(visit, copied, tmp_path):
    logs = tmp_path / "odd.csv"
    logs.write_text("initiator,initiator_name,item,participants\nx-1,**bo:red[ld]**,P2001,x-2\n")
    copied.import_file(logs)
    test = visit(copied, initiator="x-1")
    heading = next(str(m.value) for m in test.markdown if "ld" in str(m.value))
    assert escape_markdown("**bo:red[ld]**") in heading
